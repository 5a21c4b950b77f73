package io.pgtask.store;

import javax.sql.DataSource;

import org.springframework.jdbc.datasource.TransactionAwareDataSourceProxy;

/**
 * The data source that transaction managers know: the one behind a proxy that makes plain
 * JDBC take part in their transactions.
 */
final class TargetDataSource {

	private TargetDataSource() {
	}

	static DataSource of(DataSource dataSource) {
		DataSource target = (dataSource instanceof TransactionAwareDataSourceProxy proxy) ? proxy.getTargetDataSource()
				: null;
		return (target != null) ? target : dataSource;
	}

}
