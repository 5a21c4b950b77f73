package io.pgtask.benchmark.contender;

import io.pgtask.NextStep;
import io.pgtask.RetrySettings;
import io.pgtask.Step;
import io.pgtask.benchmark.contender.States.Journey;
import io.pgtask.registry.StepSettings;
import io.pgtask.registry.TaskRegistry;
import io.pgtask.registry.TransactionSettings;

import org.springframework.core.ResolvableType;

/**
 * The steps of pg-task's tasks.
 */
final class PgTaskSteps {

	private static final RetrySettings RETRIES_OF_POISON = new RetrySettings(3, RetrySettings.DEFAULT.delay(), 1.0,
			null, 0.0);

	private final TaskRegistry.Builder builder = TaskRegistry.builder();

	private final Progress progress;

	private final boolean transactional;

	private final RetrySettings retries;

	private PgTaskSteps(Workload workload, Progress progress, boolean transactional) {
		this.retries = (workload.poisonEvery() > 0) ? RETRIES_OF_POISON : RetrySettings.DEFAULT;
		this.progress = progress;
		this.transactional = transactional;
	}

	static TaskRegistry registry(Workload workload, Progress progress, boolean transactional) {
		PgTaskSteps steps = new PgTaskSteps(workload, progress, transactional);
		if (workload.steps() > 1) {
			steps.addJourney();
		}
		else {
			steps.addSingles(workload.types());
		}
		return steps.builder.build();
	}

	private void addSingles(int types) {
		Step<States.Single, States.Single> step = (state, context) -> {
			this.progress.firstStep(state.number());
			this.progress.finished(1);
			return NextStep.done();
		};
		for (int type = 0; type < types; type++) {
			Class<?> state = States.SINGLES.get(type).apply(0).getClass();
			add(step, state, state);
		}
	}

	private void addJourney() {
		Step<Journey, Journey.First> first = (state, context) -> {
			this.progress.firstStep(state.number());
			return NextStep.now(new Journey.Second(state.number()));
		};
		Step<Journey, Journey.Second> second = (state, context) -> {
			this.progress.nextStep();
			return NextStep.now(new Journey.Third(state.number()));
		};
		Step<Journey, Journey.Third> third = (state, context) -> {
			this.progress.nextStep();
			this.progress.finished(1);
			return NextStep.done();
		};
		add(first, Journey.class, Journey.First.class);
		add(second, Journey.class, Journey.Second.class);
		add(third, Journey.class, Journey.Third.class);
	}

	/** Older versions, which may take part for comparison, know plain steps only. */
	private void add(Step<?, ?> step, Class<?> task, Class<?> state) {
		ResolvableType type = ResolvableType.forClassWithGenerics(Step.class, task, state);
		if (this.transactional) {
			this.builder.step(step, type, new StepSettings(this.retries, TransactionSettings.DEFAULT), state.getName());
		}
		else {
			this.builder.step(step, type, this.retries, state.getName());
		}
	}

}
