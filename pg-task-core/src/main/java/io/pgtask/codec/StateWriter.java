package io.pgtask.codec;

import java.lang.reflect.Modifier;
import java.util.Arrays;

import io.pgtask.InvalidStateException;
import io.pgtask.registry.TaskNames;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.ObjectWriter;

/**
 * Writes the states of one class.
 */
final class StateWriter {

	private static final String SUFFIX = "}}";

	private static final String TOO_DEEP = "it is nested too deeply for the stack of the thread";

	private final Class<?> type;

	private final TaskNames names;

	private final ObjectWriter writer;

	private final TextGuard guard;

	private final String prefix;

	private final boolean componentless;

	StateWriter(Class<?> type, TaskNames names, ObjectWriter writer, TextGuard guard) {
		this.type = type;
		this.names = names;
		this.writer = writer;
		this.guard = guard;
		this.prefix = "{\"" + names.taskType() + "\":{\"" + names.step() + "\":";
		this.componentless = !hasFields(type);
	}

	EncodedStep write(Object state) {
		String json = toJson(state);
		String text = this.guard.check(this.prefix, json, SUFFIX, this.type);
		return new EncodedStep(this.names.taskType(), this.names.step(), text);
	}

	private String toJson(Object state) {
		try {
			String json = this.writer.writeValueAsString(state);
			return (this.componentless && json.equals("{}")) ? "null" : json;
		}
		catch (JacksonException ex) {
			if (ex.getCause() instanceof StackOverflowError) {
				throw refusal("", TOO_DEEP, ex);
			}
			throw refusal(PropertyPath.of(ex), ex.getOriginalMessage(), ex);
		}
		catch (RuntimeException ex) {
			throw refusal("", String.valueOf(ex), ex);
		}
		catch (StackOverflowError ex) {
			throw refusal("", TOO_DEEP, ex);
		}
	}

	private InvalidStateException refusal(String path, String problem, Throwable cause) {
		return new InvalidStateException("The state " + this.type.getTypeName() + " cannot be written as JSON"
				+ (path.isEmpty() ? "" : " at its property " + path) + ": " + problem, cause);
	}

	static boolean hasFields(Class<?> type) {
		for (Class<?> current = type; current != null; current = current.getSuperclass()) {
			if (Arrays.stream(current.getDeclaredFields())
				.anyMatch((field) -> !Modifier.isStatic(field.getModifiers()))) {
				return true;
			}
		}
		return false;
	}

}
