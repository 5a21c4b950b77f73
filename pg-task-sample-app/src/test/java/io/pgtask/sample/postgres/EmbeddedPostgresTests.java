package io.pgtask.sample.postgres;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * Tests for {@link EmbeddedPostgres}, alone and beside applications in other processes.
 */
class EmbeddedPostgresTests {

	private static final Duration TIMEOUT = Duration.ofMinutes(1);

	@TempDir
	private static Path root;

	private Path directory;

	@BeforeEach
	void makeFolderWithBinaries() throws IOException {
		this.directory = Files.createTempDirectory(root, "folder");
		// Unpacking them takes longer than all the rest of a test.
		Path binaries = PostgresBinaries.unpackInto(root).resolveSibling("");
		Files.createSymbolicLink(this.directory.resolve(binaries.getFileName()), binaries);
	}

	@Test
	void theBinariesAreUnpackedOnce() throws Exception {
		Path folder = Files.createDirectory(this.directory.resolve("empty"));
		Path executables = PostgresBinaries.unpackInto(folder);
		FileTime unpackedAt = Files.getLastModifiedTime(executables);
		assertThat(PostgresBinaries.unpackInto(folder)).isEqualTo(executables);
		assertThat(Files.getLastModifiedTime(executables)).isEqualTo(unpackedAt);
		try (Stream<Path> entries = Files.list(folder)) {
			assertThat(entries).hasSize(1);
		}
	}

	@Test
	void theDataIsKeptBetweenRuns() throws Exception {
		try (EmbeddedPostgres postgres = start()) {
			execute(postgres.port(), "CREATE TABLE kept AS SELECT 42 AS answer");
		}
		assertThat(postmasterPid()).doesNotExist();
		try (EmbeddedPostgres postgres = start()) {
			assertThat(query(postgres.port(), "SELECT answer FROM kept")).isEqualTo("42");
		}
	}

	@Test
	void aCommitIsOnDisk() throws Exception {
		try (EmbeddedPostgres postgres = start()) {
			assertThat(query(postgres.port(), "SHOW fsync")).isEqualTo("on");
			assertThat(query(postgres.port(), "SHOW synchronous_commit")).isEqualTo("on");
			assertThat(query(postgres.port(), "SHOW full_page_writes")).isEqualTo("on");
		}
	}

	@Test
	void theServerOfAKilledApplicationIsAdoptedAndStoppedWithItsNewOne() throws Exception {
		ProcessHandle orphan;
		try (OtherApplication killed = OtherApplication.start(this.directory)) {
			execute(killed.port(), "CREATE TABLE kept AS SELECT 42 AS answer");
			orphan = postmaster();
			killed.kill();
		}
		assertThat(orphan.isAlive()).isTrue();
		try (EmbeddedPostgres postgres = start()) {
			assertThat(postmaster()).isEqualTo(orphan);
			assertThat(query(postgres.port(), "SELECT answer FROM kept")).isEqualTo("42");
		}
		assertThat(orphan.onExit()).succeedsWithin(TIMEOUT);
	}

	@Test
	void applicationsWithOneFolderShareAServerThatTheLastOneStops() throws Exception {
		EmbeddedPostgres first = start();
		ProcessHandle server = postmaster();
		try (OtherApplication second = OtherApplication.start(this.directory)) {
			assertThat(second.port()).isEqualTo(first.port());
			first.close();
			assertThat(query(second.port(), "SELECT 1")).isEqualTo("1");
			assertThat(postmaster()).isEqualTo(server);
		}
		assertThat(server.onExit()).succeedsWithin(TIMEOUT);
	}

	@Test
	void aKilledApplicationDoesNotCount() throws Exception {
		EmbeddedPostgres postgres = start();
		ProcessHandle server = postmaster();
		try (OtherApplication killed = OtherApplication.start(this.directory)) {
			killed.kill();
		}
		postgres.close();
		assertThat(server.onExit()).succeedsWithin(TIMEOUT);
	}

	@Test
	void applicationsThatStartTogetherShareAServer() throws Exception {
		List<OtherApplication> applications = new ArrayList<>();
		try {
			for (int i = 0; i < 3; i++) {
				applications.add(OtherApplication.launch(this.directory));
			}
			assertThat(applications).extracting(OtherApplication::port).containsOnly(applications.get(0).port());
		}
		finally {
			for (OtherApplication application : applications) {
				application.close();
			}
		}
		assertThat(postmasterPid()).doesNotExist();
	}

	@Test
	void aServerThatWasKilledRecovers() throws Exception {
		EmbeddedPostgres crashed = start();
		execute(crashed.port(), "CREATE TABLE kept AS SELECT 42 AS answer");
		killPostmaster();
		crashed.close();
		assertThat(postmasterPid()).exists();
		try (EmbeddedPostgres postgres = start()) {
			assertThat(query(postgres.port(), "SELECT answer FROM kept")).isEqualTo("42");
		}
	}

	@Test
	void aProcessThatGotTheIdOfACrashedServerIsNotMistakenForIt() throws Exception {
		EmbeddedPostgres crashed = start();
		killPostmaster();
		crashed.close();
		List<String> lines = new ArrayList<>(Files.readAllLines(postmasterPid()));
		lines.set(0, String.valueOf(ProcessHandle.current().pid()));
		Files.write(postmasterPid(), lines);
		try (EmbeddedPostgres postgres = start()) {
			assertThat(query(postgres.port(), "SELECT 1")).isEqualTo("1");
		}
	}

	@Test
	void aRunningServerIsSharedEvenIfTheClockWasSetSinceItsStart() throws Exception {
		try (EmbeddedPostgres postgres = start()) {
			List<String> lines = new ArrayList<>(Files.readAllLines(postmasterPid()));
			lines.set(2, "1");
			Files.write(postmasterPid(), lines);
			try (OtherApplication second = OtherApplication.start(this.directory)) {
				assertThat(second.port()).isEqualTo(postgres.port());
			}
			assertThat(query(postgres.port(), "SELECT 1")).isEqualTo("1");
		}
	}

	@Test
	void aTakenPortIsAvoided() throws Exception {
		try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
				EmbeddedPostgres postgres = start(taken.getLocalPort())) {
			assertThat(postgres.port()).isNotEqualTo(taken.getLocalPort());
			assertThat(query(postgres.port(), "SELECT 1")).isEqualTo("1");
		}
	}

	@Test
	void theWantedPortIsUsedIfItIsFree() throws Exception {
		int free = FreePort.preferably(0);
		try (EmbeddedPostgres postgres = start(free)) {
			assertThat(postgres.port()).isEqualTo(free);
		}
	}

	@Test
	void aSecondContextOfOneProcessIsToldToUseAnotherFolder() {
		try (EmbeddedPostgres postgres = start()) {
			assertThatExceptionOfType(EmbeddedPostgresException.class).isThrownBy(this::start)
				.withMessageContaining("sample.postgres.directory");
		}
	}

	@Test
	void aServerThatDoesNotStartIsReportedWithItsLog() throws Exception {
		Path data;
		try (EmbeddedPostgres postgres = start()) {
			data = data();
		}
		Files.writeString(data.resolve("postgresql.conf"), "no_such_setting = 1\n");
		assertThatExceptionOfType(EmbeddedPostgresException.class).isThrownBy(this::start)
			.withMessageContaining("postgresql.log")
			.withMessageContaining("spring.datasource.url");
		assertThat(this.directory.resolve("postgresql.log")).content().contains("no_such_setting");
	}

	private EmbeddedPostgres start() {
		return start(0);
	}

	private EmbeddedPostgres start(int port) {
		return EmbeddedPostgres.start(new EmbeddedPostgresProperties(this.directory, port));
	}

	private ProcessHandle postmaster() throws IOException {
		return PostmasterPid.read(data()).map(PostmasterPid::pid).flatMap(ProcessHandle::of).orElseThrow();
	}

	private void killPostmaster() throws IOException {
		ProcessHandle postmaster = postmaster();
		postmaster.destroyForcibly();
		assertThat(postmaster.onExit()).succeedsWithin(TIMEOUT);
	}

	private Path postmasterPid() throws IOException {
		return PostmasterPid.in(data());
	}

	private Path data() throws IOException {
		try (Stream<Path> entries = Files.list(this.directory)) {
			return entries.filter((entry) -> entry.getFileName().toString().startsWith("postgresql-"))
				.findFirst()
				.orElseThrow();
		}
	}

	private static void execute(int port, String sql) throws SQLException {
		try (Connection connection = connect(port); Statement statement = connection.createStatement()) {
			statement.execute(sql);
		}
	}

	private static String query(int port, String sql) throws SQLException {
		try (Connection connection = connect(port);
				Statement statement = connection.createStatement();
				ResultSet result = statement.executeQuery(sql)) {
			result.next();
			return result.getString(1);
		}
	}

	private static Connection connect(int port) throws SQLException {
		return DriverManager.getConnection(PostgresUrls.jdbc(port), PostgresUrls.USER, "");
	}

}
