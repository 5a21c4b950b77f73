package io.pgtask.autoconfigure;

import java.util.List;

import javax.sql.DataSource;

import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import org.springframework.beans.BeanWrapper;
import org.springframework.beans.PropertyAccessorFactory;
import org.springframework.jdbc.datasource.TransactionAwareDataSourceProxy;
import org.springframework.transaction.PlatformTransactionManager;

/**
 * Whether enqueueing can be part of the application's transactions.
 */
final class TransactionCheck {

	private static final Logger logger = LoggerFactory.getLogger(TransactionCheck.class);

	private final List<PlatformTransactionManager> managers;

	private final @Nullable PlatformTransactionManager byDefault;

	/**
	 * Create a check.
	 * @param managers the application's transaction managers
	 * @param byDefault the one that {@code @Transactional} uses unless it names another,
	 * or {@code null} if it has to name one
	 */
	TransactionCheck(List<PlatformTransactionManager> managers, @Nullable PlatformTransactionManager byDefault) {
		this.managers = managers;
		this.byDefault = byDefault;
	}

	/**
	 * Warn if there are transactions, but none that pg-task can take part in, or not
	 * unless they are asked for by name.
	 * @param dataSource the data source of pg-task
	 */
	void verify(DataSource dataSource) {
		if (this.managers.isEmpty()) {
			return;
		}
		if (this.managers.stream().noneMatch((manager) -> covers(manager, dataSource))) {
			logger.warn("No transaction manager belongs to the DataSource of pg-task, so enqueueing takes no part in"
					+ " @Transactional methods: a task that was enqueued runs even if the transaction rolls back, and"
					+ " may run before it commits. Declare a transaction manager for this DataSource, and name it in"
					+ " @Transactional, to have both or nothing");
		}
		else if (this.byDefault != null && !covers(this.byDefault, dataSource)) {
			logger.warn("@Transactional without a name uses a transaction manager of another DataSource than that of"
					+ " pg-task, so enqueueing takes no part in it: a task that was enqueued runs even if the"
					+ " transaction rolls back, and may run before it commits. Name the transaction manager of"
					+ " pg-task's DataSource in @Transactional to have both or nothing");
		}
	}

	/**
	 * The managers of JDBC, JPA and Hibernate share no type that tells the data source.
	 */
	static boolean covers(PlatformTransactionManager manager, DataSource dataSource) {
		BeanWrapper properties = PropertyAccessorFactory.forBeanPropertyAccess(manager);
		if (!properties.isReadableProperty("dataSource")) {
			return true;
		}
		Object managed = properties.getPropertyValue("dataSource");
		return managed == null || unwrap(managed) == unwrap(dataSource);
	}

	private static Object unwrap(Object dataSource) {
		if (dataSource instanceof TransactionAwareDataSourceProxy proxy && proxy.getTargetDataSource() != null) {
			return proxy.getTargetDataSource();
		}
		return dataSource;
	}

}
