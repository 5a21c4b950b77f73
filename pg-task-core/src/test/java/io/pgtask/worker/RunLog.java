package io.pgtask.worker;

import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;

import io.pgtask.NextStep;
import io.pgtask.StepContext;

/**
 * The history of journeys within this JVM: which step of which task started how often,
 * and whether a step was started although a later one had been started already, which
 * proves that its transition had been saved.
 */
final class RunLog {

	private final Map<UUID, AtomicInteger> furthest = new ConcurrentHashMap<>();

	private final Map<String, AtomicInteger> starts = new ConcurrentHashMap<>();

	private final ConcurrentLinkedQueue<String> violations = new ConcurrentLinkedQueue<>();

	private final AtomicInteger total = new AtomicInteger();

	/** Makes the steps of a harness record themselves and go on at once. */
	void record(WorkerHarness harness, Work work) {
		harness.start((state, context) -> {
			started(1, context);
			work.run();
			return NextStep.now(new Journey.Middle(state.name()));
		}).middle((state, context) -> {
			started(2, context);
			work.run();
			return NextStep.now(new Journey.End(state.name()));
		}).end((state, context) -> {
			started(3, context);
			work.run();
			return NextStep.done();
		});
	}

	private void started(int step, StepContext context) {
		this.total.incrementAndGet();
		this.starts.computeIfAbsent(context.taskId() + " " + step, (key) -> new AtomicInteger()).incrementAndGet();
		int before = this.furthest.computeIfAbsent(context.taskId(), (id) -> new AtomicInteger())
			.getAndAccumulate(step, Math::max);
		if (before > step) {
			this.violations.add("step " + step + " of task " + context.taskId() + " started after step " + before);
		}
	}

	/** Returns how many steps have started, repetitions included. */
	int total() {
		return this.total.get();
	}

	/** Returns how many different steps have started. */
	int distinct() {
		return this.starts.size();
	}

	/** Returns the steps that started more than once, and how often. */
	Map<String, Integer> repeated() {
		return this.starts.entrySet()
			.stream()
			.filter((entry) -> entry.getValue().get() > 1)
			.collect(Collectors.toMap(Map.Entry::getKey, (entry) -> entry.getValue().get()));
	}

	/** Returns the finished steps that ran again. */
	Iterable<String> violations() {
		return this.violations;
	}

	/**
	 * What every step does.
	 */
	@FunctionalInterface
	interface Work {

		void run() throws Exception;

	}

}
