package io.pgtask.autoconfigure;

import io.pgtask.TaskHousekeeping;
import io.pgtask.store.HistorySettings;
import io.pgtask.worker.Housekeeper;

import org.springframework.boot.LazyInitializationExcludeFilter;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBooleanProperty;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.context.annotation.Bean;

/**
 * {@link EnableAutoConfiguration Auto-configuration} for the housekeeping that this node
 * does by itself, whether it has a worker or not.
 */
@AutoConfiguration(after = PgTaskAutoConfiguration.class)
@ConditionalOnBooleanProperty(name = "pg-task.housekeeping.enabled", matchIfMissing = true)
@ConditionalOnBooleanProperty(name = "pg-task.read-only", havingValue = false, matchIfMissing = true)
public final class PgTaskHousekeepingAutoConfiguration {

	@Bean
	@ConditionalOnMissingBean
	Housekeeper pgTaskHousekeeper(TaskHousekeeping housekeeping, PgTaskProperties properties) {
		return new Housekeeper(housekeeping, properties.housekeeping().requirePeriod());
	}

	@Bean
	PgTaskHousekeepingLifecycle pgTaskHousekeepingLifecycle(Housekeeper housekeeper, PgTaskDatabase database,
			PgTaskProperties properties) {
		HistorySettings history = database.table().history();
		return new PgTaskHousekeepingLifecycle(housekeeper, database, history.isOn() || history.deadTasks(),
				properties.worker().phase() - 1);
	}

	@Bean
	static LazyInitializationExcludeFilter eagerPgTaskHousekeeping() {
		return LazyInitializationExcludeFilter.forBeanTypes(PgTaskHousekeepingLifecycle.class);
	}

}
