package io.pgtask.worker;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;

import io.pgtask.GateDecision;
import io.pgtask.GateRequest;
import io.pgtask.StepGate;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Asks the application's gates whether a step may run.
 */
final class Gates {

	private static final Logger logger = LoggerFactory.getLogger(Gates.class);

	/** How long a task waits when a gate cannot decide. */
	private static final Duration PAUSE = Duration.ofSeconds(10);

	private final List<StepGate> gates;

	private final FailureLog log;

	Gates(List<StepGate> gates, FailureLog log) {
		this.gates = gates;
		this.log = log;
	}

	boolean isEmpty() {
		return this.gates.isEmpty();
	}

	/**
	 * Ask one gate after the other.
	 * @return the decision of the first that does not let the step proceed, or of all,
	 * with the permits to be closed when the step has ended
	 */
	Passage ask(GateRequest request) {
		Passage passage = new Passage();
		for (StepGate gate : this.gates) {
			passage.decision = ask(gate, request);
			if (!(passage.decision instanceof GateDecision.Proceed proceed)) {
				passage.close();
				return passage;
			}
			if (proceed.permit() != null) {
				passage.permits.push(proceed.permit());
			}
		}
		return passage;
	}

	private GateDecision ask(StepGate gate, GateRequest request) {
		try {
			if (!gate.guards(request.taskType(), request.step())) {
				return GateDecision.proceed();
			}
			return decide(gate, request);
		}
		// A gate that is broken must neither lose the task nor let it through.
		catch (Throwable ex) {
			logger.warn("The gate {} cannot decide about step {} of task {} ({}), which is put off for {}",
					gate.getClass().getName(), request.step(), request.taskId(), request.taskType(), PAUSE,
					this.log.told(ex));
			return GateDecision.putOff(PAUSE,
					"the gate " + gate.getClass().getName() + " cannot decide: " + ErrorText.of(ex));
		}
	}

	/** Applications need not be null-safe. */
	@SuppressWarnings("ConstantValue")
	private static GateDecision decide(StepGate gate, GateRequest request) throws Exception {
		GateDecision decision = gate.decide(request);
		if (decision == null) {
			throw new IllegalStateException("The gate returned null instead of a decision");
		}
		return decision;
	}

	/** A decision, and what the step holds while it runs. */
	final class Passage implements AutoCloseable {

		private final Deque<AutoCloseable> permits = new ArrayDeque<>();

		private GateDecision decision = GateDecision.proceed();

		GateDecision decision() {
			return this.decision;
		}

		boolean isFree() {
			return this.decision instanceof GateDecision.Proceed;
		}

		/** The last permit first. An interruption was meant for the step alone. */
		@Override
		public void close() {
			Thread.interrupted();
			while (!this.permits.isEmpty()) {
				try {
					this.permits.pop().close();
				}
				catch (Throwable ex) {
					logger.warn("The permit of a gate cannot be closed", Gates.this.log.told(ex));
				}
			}
		}

	}

}
