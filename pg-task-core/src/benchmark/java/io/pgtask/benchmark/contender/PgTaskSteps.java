package io.pgtask.benchmark.contender;

import io.pgtask.NextStep;
import io.pgtask.RetrySettings;
import io.pgtask.Step;
import io.pgtask.benchmark.contender.States.Journey;
import io.pgtask.registry.TaskRegistry;

import org.springframework.core.ResolvableType;

/**
 * The steps of pg-task's tasks.
 */
final class PgTaskSteps {

	private PgTaskSteps() {
	}

	static TaskRegistry registry(Workload workload, Progress progress) {
		TaskRegistry.Builder builder = TaskRegistry.builder();
		if (workload.steps() > 1) {
			addJourney(builder, progress);
		}
		else {
			addSingles(builder, workload.types(), progress);
		}
		return builder.build();
	}

	private static void addSingles(TaskRegistry.Builder builder, int types, Progress progress) {
		Step<States.Single, States.Single> step = (state, context) -> {
			progress.firstStep(state.number());
			progress.finished(1);
			return NextStep.done();
		};
		for (int type = 0; type < types; type++) {
			Class<?> state = States.SINGLES.get(type).apply(0).getClass();
			add(builder, step, state, state);
		}
	}

	private static void addJourney(TaskRegistry.Builder builder, Progress progress) {
		Step<Journey, Journey.First> first = (state, context) -> {
			progress.firstStep(state.number());
			return NextStep.now(new Journey.Second(state.number()));
		};
		Step<Journey, Journey.Second> second = (state, context) -> {
			progress.nextStep();
			return NextStep.now(new Journey.Third(state.number()));
		};
		Step<Journey, Journey.Third> third = (state, context) -> {
			progress.nextStep();
			progress.finished(1);
			return NextStep.done();
		};
		add(builder, first, Journey.class, Journey.First.class);
		add(builder, second, Journey.class, Journey.Second.class);
		add(builder, third, Journey.class, Journey.Third.class);
	}

	private static void add(TaskRegistry.Builder builder, Step<?, ?> step, Class<?> task, Class<?> state) {
		builder.step(step, ResolvableType.forClassWithGenerics(Step.class, task, state), RetrySettings.DEFAULT,
				state.getName());
	}

}
