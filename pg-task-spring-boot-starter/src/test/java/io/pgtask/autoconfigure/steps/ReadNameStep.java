package io.pgtask.autoconfigure.steps;

import io.pgtask.NextStep;
import io.pgtask.Step;
import io.pgtask.StepContext;
import io.pgtask.TaskStep;

@TaskStep(maxRetries = 5, retryDelay = "5s")
public class ReadNameStep implements Step<Greeter, Greeter.ReadName> {

	@Override
	public NextStep<Greeter> run(Greeter.ReadName state, StepContext context) {
		return NextStep.now(new Greeter.SayHello(state.filename().replace(".txt", "")));
	}

}
