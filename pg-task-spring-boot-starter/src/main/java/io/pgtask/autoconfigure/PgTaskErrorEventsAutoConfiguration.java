package io.pgtask.autoconfigure;

import io.pgtask.worker.TaskErrorSubscription;

import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBooleanProperty;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.jdbc.metadata.DataSourcePoolMetadataProvider;
import org.springframework.context.ApplicationEventPublisher;
import org.springframework.context.annotation.Bean;

/**
 * {@link EnableAutoConfiguration Auto-configuration} for the events of tasks that are
 * parked. They have a connection of their own and not that of the worker, because they go
 * on when there is none, when it is stopped, and when it does not listen.
 */
@AutoConfiguration(after = PgTaskAutoConfiguration.class)
@ConditionalOnBooleanProperty("pg-task.error-events.enabled")
public final class PgTaskErrorEventsAutoConfiguration {

	@Bean
	@ConditionalOnMissingBean
	TaskErrorSubscription pgTaskErrorSubscription(PgTaskDatabase database, ApplicationEventPublisher publisher,
			ObjectProvider<DataSourcePoolMetadataProvider> pools) {
		new ConnectionPoolCheck(pools).verifyForErrorEvents(database.dataSource());
		return new TaskErrorSubscription(database.dataSource(), database.table(), publisher::publishEvent);
	}

	@Bean
	PgTaskErrorEventsLifecycle pgTaskErrorEventsLifecycle(TaskErrorSubscription subscription,
			PgTaskProperties properties) {
		return new PgTaskErrorEventsLifecycle(subscription, properties.worker().phase() - 1);
	}

}
