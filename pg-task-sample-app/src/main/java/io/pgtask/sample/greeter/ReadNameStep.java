package io.pgtask.sample.greeter;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

import io.pgtask.NextStep;
import io.pgtask.Step;
import io.pgtask.StepContext;
import io.pgtask.TaskStep;

// tag::step[]
@TaskStep(maxRetries = 5, retryDelay = "1s")
class ReadNameStep implements Step<Greeter, Greeter.ReadName> {

	@Override
	public NextStep<Greeter> run(Greeter.ReadName state, StepContext context) throws IOException {
		String name = Files.readString(Path.of(state.filename())).strip();
		return NextStep.now(new Greeter.SayHello(name));
	}

}
// end::step[]
