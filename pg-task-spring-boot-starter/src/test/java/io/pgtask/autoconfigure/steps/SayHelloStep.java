package io.pgtask.autoconfigure.steps;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

import io.pgtask.NextStep;
import io.pgtask.Step;
import io.pgtask.StepContext;
import io.pgtask.TaskStep;

@TaskStep
public class SayHelloStep implements Step<Greeter, Greeter.SayHello> {

	private final List<String> greeted = new CopyOnWriteArrayList<>();

	@Override
	public NextStep<Greeter> run(Greeter.SayHello state, StepContext context) {
		this.greeted.add(state.name());
		return NextStep.done();
	}

	public List<String> greeted() {
		return this.greeted;
	}

}
