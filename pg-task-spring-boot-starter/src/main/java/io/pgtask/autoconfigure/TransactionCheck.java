package io.pgtask.autoconfigure;

import java.util.List;

import javax.sql.DataSource;

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

	TransactionCheck(List<PlatformTransactionManager> managers) {
		this.managers = managers;
	}

	/**
	 * Warn if there are transactions, but none that pg-task can take part in.
	 * @param dataSource the data source of pg-task
	 */
	void verify(DataSource dataSource) {
		if (!this.managers.isEmpty() && this.managers.stream().noneMatch((manager) -> covers(manager, dataSource))) {
			logger.warn("No transaction manager belongs to the DataSource of pg-task, so enqueueing takes no part in"
					+ " @Transactional methods: a task that was enqueued runs even if the transaction rolls back, and"
					+ " may run before it commits. Declare a transaction manager for this DataSource, and name it in"
					+ " @Transactional, to have both or nothing");
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
