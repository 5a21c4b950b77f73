package io.pgtask.model;

import java.util.Locale;

/**
 * The tasks of the model: two types, each of two steps that follow each other for ever,
 * and a text that is no task.
 */
enum TaskKind {

	/** A type with steps. */
	ERRAND("Go", "Come") {
		@Override
		Object state(int at) {
			return (at % 2 == 0) ? new Errand.Go(at) : new Errand.Come(at);
		}
	},

	/** Another one. */
	PARCEL("Send", "Sign") {
		@Override
		Object state(int at) {
			return (at % 2 == 0) ? new Parcel.Send(at) : new Parcel.Sign(at);
		}
	},

	/** Whatever somebody has inserted by SQL. */
	GARBAGE("", "") {
		@Override
		Object state(int at) {
			throw new IllegalStateException("There is no such state");
		}

		@Override
		String text(int at) {
			return "garbage";
		}
	};

	private final String evenStep;

	private final String oddStep;

	TaskKind(String evenStep, String oddStep) {
		this.evenStep = evenStep;
		this.oddStep = oddStep;
	}

	/** The state of a task that has gone so far. */
	abstract Object state(int at);

	String typeName() {
		return name().charAt(0) + name().substring(1).toLowerCase(Locale.ROOT);
	}

	String stepName(int at) {
		return (at % 2 == 0) ? this.evenStep : this.oddStep;
	}

	String stateJson(int at) {
		return "{\"at\":" + at + "}";
	}

	/** The text of the row. */
	String text(int at) {
		return "{\"" + typeName() + "\":{\"" + stepName(at) + "\":" + stateJson(at) + "}}";
	}

	sealed interface Errand {

		int at();

		record Go(int at) implements Errand {
		}

		record Come(int at) implements Errand {
		}

	}

	sealed interface Parcel {

		int at();

		record Send(int at) implements Parcel {
		}

		record Sign(int at) implements Parcel {
		}

	}

}
