package io.pgtask.sample.postgres;

import java.nio.file.Files;
import java.nio.file.Path;

import javax.sql.DataSource;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.autoconfigure.ImportAutoConfiguration;
import org.springframework.boot.jdbc.autoconfigure.DataSourceAutoConfiguration;
import org.springframework.boot.jdbc.autoconfigure.JdbcConnectionDetails;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.context.annotation.Configuration;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.jdbc.datasource.SimpleDriverDataSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * Tests for {@link EmbeddedPostgresAutoConfiguration}.
 */
@ExtendWith(OutputCaptureExtension.class)
class EmbeddedPostgresAutoConfigurationTests {

	@TempDir
	private Path directory;

	private final ApplicationContextRunner contextRunner = new ApplicationContextRunner().withConfiguration(
			AutoConfigurations.of(EmbeddedPostgresAutoConfiguration.class, DataSourceAutoConfiguration.class));

	@Test
	void theDataSourceIsThatOfTheEmbeddedServer() {
		this.contextRunner.withPropertyValues("sample.postgres.directory=" + this.directory, "sample.postgres.port=0")
			.run((context) -> {
				JdbcClient jdbc = JdbcClient.create(context.getBean(DataSource.class));
				Path data = Path.of(jdbc.sql("SHOW data_directory").query(String.class).single());
				assertThat(data).startsWith(this.directory.toRealPath());
			});
	}

	@Test
	void anotherPostgresIsUsedByItsUrlAlone() {
		this.contextRunner.withPropertyValues("spring.datasource.url=jdbc:postgresql://localhost:1/other")
			.run((context) -> assertThat(context).hasSingleBean(DataSource.class)
				.doesNotHaveBean(EmbeddedPostgres.class));
	}

	@Test
	void aServiceConnectionIsUsedInstead() {
		JdbcConnectionDetails details = new EmbeddedPostgresConnectionDetails(1);
		this.contextRunner.withBean("service", JdbcConnectionDetails.class, () -> details)
			.run((context) -> assertThat(context).hasSingleBean(DataSource.class)
				.doesNotHaveBean(EmbeddedPostgres.class));
	}

	@Test
	void aDataSourceIsUsedInstead() {
		this.contextRunner.withBean(DataSource.class, SimpleDriverDataSource::new)
			.run((context) -> assertThat(context).hasSingleBean(DataSource.class)
				.doesNotHaveBean(EmbeddedPostgres.class));
	}

	@Test
	void aFolderThatCannotBeUsedIsReportedWithWhatToDo(CapturedOutput output) throws Exception {
		Path file = Files.createFile(this.directory.resolve("file"));
		assertThatExceptionOfType(Exception.class).isThrownBy(() -> SpringApplication.run(Application.class,
				"--spring.main.web-application-type=none", "--sample.postgres.directory=" + file));
		assertThat(output).contains("APPLICATION FAILED TO START")
			.contains("Cannot use the folder " + file)
			.contains("spring.datasource.url");
	}

	@Configuration(proxyBeanMethods = false)
	@ImportAutoConfiguration({ EmbeddedPostgresAutoConfiguration.class, DataSourceAutoConfiguration.class })
	static class Application {

	}

}
