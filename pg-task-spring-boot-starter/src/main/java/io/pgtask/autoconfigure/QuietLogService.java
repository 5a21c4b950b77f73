package io.pgtask.autoconfigure;

import java.util.logging.Level;

import liquibase.Scope;
import liquibase.logging.LogService;
import liquibase.logging.Logger;
import liquibase.logging.core.AbstractLogService;
import liquibase.logging.core.AbstractLogger;
import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.jspecify.annotations.Nullable;

/**
 * Turns down what Liquibase says about pg-task's schema: its information is of no use to
 * an application that may not even know Liquibase. Categories are the same as ever.
 */
final class QuietLogService extends AbstractLogService {

	@Override
	public int getPriority() {
		return PRIORITY_NOT_APPLICABLE;
	}

	@Override
	public Logger getLog(Class type) {
		return new QuietLogger(type);
	}

	/**
	 * Some classes of Liquibase keep the logger they got first for the life of the JVM,
	 * so it has to notice when it is used in a run that is not ours.
	 */
	private final class QuietLogger extends AbstractLogger {

		private final Class<?> type;

		private final Log log;

		private QuietLogger(Class<?> type) {
			this.type = type;
			this.log = LogFactory.getLog(type);
		}

		@Override
		public void log(Level level, String message, @Nullable Throwable ex) {
			LogService current = Scope.getCurrentScope().get(Scope.Attr.logService, LogService.class);
			if (!(current instanceof QuietLogService)) {
				current.getLog(this.type).log(level, message, ex);
			}
			else if (level.intValue() >= Level.INFO.intValue()) {
				// Failures, too: they are thrown as well.
				this.log.debug(message, ex);
			}
			else {
				this.log.trace(message, ex);
			}
		}

	}

}
