package io.pgtask.worker;

import java.util.Map;
import java.util.function.Consumer;

import io.pgtask.store.CancelNotice;
import io.pgtask.store.PresenceStatements;
import io.pgtask.store.TakeoverStatement;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What a worker listens to.
 */
final class WakeupChannels {

	private static final Logger logger = LoggerFactory.getLogger(WakeupChannels.class);

	static final String CHANGED = "pg_task_changed";

	private static final String STOP_WORKER = "stop_worker";

	private WakeupChannels() {
	}

	static Map<String, Consumer<String>> of(WorkerSettings settings, Claimer claimer, Runnable onStopWorker,
			RequestWatch requests, Observer observer) {
		return Map.of(CancelNotice.CHANNEL, requests::heard, PresenceStatements.CHANNEL, observer::heard, CHANGED,
				(payload) -> {
					if (settings.honourStopWorker() && payload.equals(STOP_WORKER)) {
						logger.info("The worker stops, because it was told to by the notification {}", STOP_WORKER);
						onStopWorker.run();
					}
					else if (payload.equals(TakeoverStatement.FREED)) {
						claimer.wakeForAll();
					}
					else {
						claimer.wake();
					}
				});
	}

}
