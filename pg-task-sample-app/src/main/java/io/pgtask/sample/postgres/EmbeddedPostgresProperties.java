package io.pgtask.sample.postgres;

import java.nio.file.Path;

import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * Where the embedded PostgreSQL lives.
 *
 * @param directory the folder that keeps its data between runs
 * @param port the port it listens on, unless that is taken; 0 for any free port
 */
@ConfigurationProperties("sample.postgres")
record EmbeddedPostgresProperties(@DefaultValue("pg-task-sample-data") Path directory,
		@DefaultValue("15432") int port) {
}
