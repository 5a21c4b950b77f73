package io.pgtask.sample.greeter;

import io.pgtask.NextStep;
import io.pgtask.Step;
import io.pgtask.StepContext;
import io.pgtask.TaskStep;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

// tag::step[]
@TaskStep
class SayHelloStep implements Step<Greeter, Greeter.SayHello> {

	private static final Logger logger = LoggerFactory.getLogger(SayHelloStep.class);

	@Override
	public NextStep<Greeter> run(Greeter.SayHello state, StepContext context) {
		logger.info("Hello, {}!", state.name());
		return NextStep.done();
	}

}
// end::step[]
