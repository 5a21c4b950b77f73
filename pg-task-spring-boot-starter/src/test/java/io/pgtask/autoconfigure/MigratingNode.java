package io.pgtask.autoconfigure;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

import io.pgtask.store.TaskTable;
import io.pgtask.test.TestDatabase;
import org.postgresql.ds.PGSimpleDataSource;

/**
 * A JVM that migrates the schema and can be killed while it does.
 */
final class MigratingNode {

	private MigratingNode() {
	}

	/**
	 * Starts the JVM.
	 * @param database the database to migrate
	 * @return its process
	 * @throws IOException if it cannot be started
	 */
	static Process start(TestDatabase database) throws IOException {
		String java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
		return new ProcessBuilder(List.of(java, "-cp", System.getProperty("java.class.path"),
				MigratingNode.class.getName(), database.url(), database.username(), database.password()))
			.redirectErrorStream(true)
			.redirectOutput(ProcessBuilder.Redirect.DISCARD)
			.start();
	}

	public static void main(String[] args) {
		PGSimpleDataSource dataSource = new PGSimpleDataSource();
		dataSource.setUrl(args[0]);
		dataSource.setUser(args[1]);
		dataSource.setPassword(args[2]);
		new SchemaMigration(dataSource, TaskTable.inSearchPath(), false).run();
	}

}
