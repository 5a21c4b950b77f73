package io.pgtask.outages;

import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;

import io.pgtask.NextStep;
import io.pgtask.RetrySettings;
import io.pgtask.Step;
import io.pgtask.StepContext;
import io.pgtask.registry.TaskRegistry;

import org.springframework.core.ResolvableType;

/**
 * What the steps of errands have done in this JVM: which started how often, and which
 * started although a later one had done so before, which proves that it had been saved.
 */
final class ErrandLog {

	private static final List<String> STEPS = List.of("First", "Second", "Third");

	private final Map<UUID, AtomicInteger> furthest = new ConcurrentHashMap<>();

	private final Map<String, AtomicInteger> starts = new ConcurrentHashMap<>();

	private final ConcurrentLinkedQueue<String> violations = new ConcurrentLinkedQueue<>();

	private final AtomicInteger total = new AtomicInteger();

	private final Work work;

	ErrandLog(Work work) {
		this.work = work;
	}

	TaskRegistry registry() {
		Step<Errand, Errand.First> first = (state, context) -> {
			run(context);
			return NextStep.now(new Errand.Second(state.number()));
		};
		Step<Errand, Errand.Second> second = (state, context) -> {
			run(context);
			return NextStep.now(new Errand.Third(state.number()));
		};
		Step<Errand, Errand.Third> third = (state, context) -> {
			run(context);
			return NextStep.done();
		};
		return TaskRegistry.builder()
			.step(first, type(Errand.First.class), RetrySettings.DEFAULT, "first")
			.step(second, type(Errand.Second.class), RetrySettings.DEFAULT, "second")
			.step(third, type(Errand.Third.class), RetrySettings.DEFAULT, "third")
			.build();
	}

	private static ResolvableType type(Class<? extends Errand> state) {
		return ResolvableType.forClassWithGenerics(Step.class, Errand.class, state);
	}

	private void run(StepContext context) throws Exception {
		started(context.taskId(), context.step());
		this.work.run();
	}

	private void started(UUID task, String step) {
		this.total.incrementAndGet();
		this.starts.computeIfAbsent(key(task, step), (key) -> new AtomicInteger()).incrementAndGet();
		int number = STEPS.indexOf(step);
		int before = this.furthest.computeIfAbsent(task, (id) -> new AtomicInteger())
			.getAndAccumulate(number, Math::max);
		if (before > number) {
			this.violations.add(step + " of " + task + " started after " + STEPS.get(before));
		}
	}

	static String key(UUID task, String step) {
		return task + " " + step;
	}

	/** Returns how many steps have started, repetitions included. */
	int total() {
		return this.total.get();
	}

	/** Returns those of some tasks whose last step has not started. */
	List<UUID> unfinished(Collection<UUID> tasks) {
		return tasks.stream().filter((task) -> !this.starts.containsKey(key(task, "Third"))).toList();
	}

	/** Returns the steps that started more than once. */
	Set<String> repeated() {
		return this.starts.entrySet()
			.stream()
			.filter((entry) -> entry.getValue().get() > 1)
			.map(Map.Entry::getKey)
			.collect(Collectors.toSet());
	}

	/** Returns the finished steps that ran again. */
	Collection<String> violations() {
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
