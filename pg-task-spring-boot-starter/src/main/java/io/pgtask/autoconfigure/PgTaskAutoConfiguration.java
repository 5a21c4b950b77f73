package io.pgtask.autoconfigure;

import javax.sql.DataSource;

import io.pgtask.DeadTasks;
import io.pgtask.TaskAdmin;
import io.pgtask.TaskClient;
import io.pgtask.TaskHeadersContributor;
import io.pgtask.TaskHistory;
import io.pgtask.TaskHousekeeping;
import io.pgtask.codec.StepCodec;
import io.pgtask.registry.TaskRegistry;
import io.pgtask.store.DirectStarts;
import io.pgtask.store.JdbcDeadTasks;
import io.pgtask.store.JdbcTaskAdmin;
import io.pgtask.store.JdbcTaskClient;
import io.pgtask.store.JdbcTaskHistory;
import io.pgtask.store.JdbcTaskHousekeeping;
import io.pgtask.store.TaskEnds;
import io.pgtask.store.TaskTable;
import io.pgtask.store.Wakeups;
import io.pgtask.worker.TaskEndWatch;
import io.pgtask.worker.WorkerSettings;
import tools.jackson.databind.json.JsonMapper;

import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.boot.jdbc.metadata.DataSourcePoolMetadataProvider;
import org.springframework.context.annotation.Bean;
import org.springframework.transaction.PlatformTransactionManager;

/**
 * {@link EnableAutoConfiguration Auto-configuration} for what every application with
 * pg-task has, whether it runs steps or only enqueues tasks.
 */
@AutoConfiguration(afterName = { "org.springframework.boot.jdbc.autoconfigure.DataSourceAutoConfiguration",
		"org.springframework.boot.jackson.autoconfigure.JacksonAutoConfiguration" })
@EnableConfigurationProperties(PgTaskProperties.class)
public final class PgTaskAutoConfiguration {

	@Bean
	@ConditionalOnMissingBean
	TaskTable pgTaskTable(PgTaskProperties properties) {
		String schema = properties.schema();
		TaskTable table = (schema != null) ? TaskTable.inSchema(schema) : TaskTable.inSearchPath();
		return table.keeping(properties.toHistorySettings());
	}

	@Bean
	PgTaskDatabase pgTaskDatabase(@PgTaskDataSource ObjectProvider<DataSource> qualified,
			ObjectProvider<DataSource> dataSources, TaskTable table) {
		return PgTaskDatabase.choose(qualified, dataSources, table);
	}

	@Bean
	StateJsonMapper pgTaskStateJsonMapper(ObjectProvider<JsonMapper> mappers,
			ObjectProvider<PgTaskJsonMapperCustomizer> customizers) {
		return StateJsonMapper.derive(mappers, customizers);
	}

	@Bean
	@ConditionalOnMissingBean
	Wakeups pgTaskWakeups(PgTaskDatabase database) {
		return new Wakeups(database.dataSource());
	}

	@Bean
	@ConditionalOnMissingBean
	DirectStarts pgTaskDirectStarts() {
		return new DirectStarts();
	}

	@Bean
	@ConditionalOnMissingBean(TaskEnds.class)
	TaskEndWatch pgTaskEndWatch(PgTaskDatabase database, PgTaskProperties properties,
			ObjectProvider<WorkerSettings> worker, ObjectProvider<DataSourcePoolMetadataProvider> pools) {
		boolean listen = properties.await().listens(properties.worker())
				&& new ConnectionPoolCheck(pools).leavesRoomToListenForEnds(database.dataSource(),
						worker.getIfAvailable(), properties.errorEvents().enabled());
		return new TaskEndWatch(database.dataSource(), database.table(), properties.await().requirePollInterval(),
				listen);
	}

	/**
	 * Writing a state needs no step. A client that knew the steps would close a circle,
	 * because steps enqueue tasks.
	 */
	@Bean
	@ConditionalOnMissingBean
	TaskClient pgTaskClient(PgTaskDatabase database, StateJsonMapper mapper,
			ObjectProvider<TaskHeadersContributor> contributors, Wakeups wakeups, TaskEnds ends,
			DirectStarts directStarts) {
		StepCodec codec = new StepCodec(mapper.mapper(), TaskRegistry.empty());
		return new JdbcTaskClient(database.dataSource(), database.table(), codec, contributors.orderedStream().toList(),
				wakeups, ends, directStarts);
	}

	/**
	 * Only a state that an operator edits is read, and only then the steps are asked for:
	 * they may use the admin themselves.
	 */
	@Bean
	@ConditionalOnMissingBean
	TaskAdmin pgTaskAdmin(PgTaskDatabase database, Wakeups wakeups, StateJsonMapper mapper,
			ObjectProvider<StepCodec> codec) {
		return new JdbcTaskAdmin(database.dataSource(), database.table(), wakeups,
				() -> codec.getIfAvailable(() -> new StepCodec(mapper.mapper(), TaskRegistry.empty())));
	}

	@Bean
	@ConditionalOnMissingBean
	TaskHistory pgTaskHistory(PgTaskDatabase database) {
		return new JdbcTaskHistory(database.dataSource(), database.table());
	}

	@Bean
	@ConditionalOnMissingBean
	DeadTasks pgTaskDeadTasks(PgTaskDatabase database, Wakeups wakeups) {
		return new JdbcDeadTasks(database.dataSource(), database.table(), wakeups);
	}

	@Bean
	@ConditionalOnMissingBean
	TaskHousekeeping pgTaskHousekeeping(PgTaskDatabase database, PgTaskProperties properties) {
		return new JdbcTaskHousekeeping(database.dataSource(), database.table(), properties.toHousekeepingSettings());
	}

	@Bean
	PgTaskDatabaseCheck pgTaskDatabaseCheck(PgTaskDatabase database, PgTaskProperties properties,
			ObjectProvider<PlatformTransactionManager> managers) {
		return new PgTaskDatabaseCheck(database, properties.readOnly(),
				new TransactionCheck(managers.stream().toList(), managers.getIfUnique()));
	}

}
