package io.pgtask.store;

import java.time.Duration;
import java.util.stream.Stream;

import io.pgtask.TaskSelection;
import org.jspecify.annotations.Nullable;

import org.springframework.jdbc.core.namedparam.MapSqlParameterSource;

/**
 * Conditions on the row {@code t} for the parts of a selection, each of which begins with
 * {@code AND}, and their parameters.
 */
final class SelectionFilter {

	private static final Duration LONGEST = Duration.ofDays(365_000);

	private SelectionFilter() {
	}

	/**
	 * Return whether a selection asks for what no row can have.
	 */
	static boolean matchesNothing(TaskSelection selection) {
		return Stream
			.of(selection.taskType(), selection.step(), selection.tag(), selection.uniqueKey(),
					selection.errorContains())
			.anyMatch(DatabaseText::cannotMatch);
	}

	/** The conditions of all parts. */
	static String of(TaskSelection selection) {
		return typeOf(selection) + stateOf(selection) + withoutTypeAndState(selection);
	}

	/** The conditions of the parts that are not looked up in the index of the workers. */
	static String withoutTypeAndState(TaskSelection selection) {
		return condition(selection.step(), StepPattern.CONDITION)
				+ condition(selection.tag(), "t.tags @> ARRAY[:tag]::text[]")
				+ condition(selection.uniqueKey(), "t.unique_key = :key")
				+ condition(selection.errorContains(), "strpos(lower(t.error), lower(:errorText)) > 0")
				+ condition(selection.olderThan(),
						"t.created_at <= statement_timestamp() - :olderThan * interval '1 microsecond'")
				+ condition(selection.unchangedFor(),
						"t.updated_at <= statement_timestamp() - :unchangedFor * interval '1 microsecond'");
	}

	static String typeOf(TaskSelection selection) {
		return condition(selection.taskType(), "t.task = :type");
	}

	private static String stateOf(TaskSelection selection) {
		return condition(selection.state(), TaskRow.STATE + " = :state");
	}

	private static String condition(@Nullable Object part, String condition) {
		return (part != null) ? " AND " + condition : "";
	}

	static MapSqlParameterSource parametersOf(TaskSelection selection) {
		MapSqlParameterSource parameters = new MapSqlParameterSource();
		parameters.addValue("type", selection.taskType());
		parameters.addValue("tag", selection.tag());
		parameters.addValue("key", selection.uniqueKey());
		parameters.addValue("errorText", selection.errorContains());
		parameters.addValue("olderThan", microseconds(selection.olderThan()));
		parameters.addValue("unchangedFor", microseconds(selection.unchangedFor()));
		if (selection.state() != null) {
			parameters.addValue("state", selection.state().name());
		}
		if (selection.step() != null) {
			parameters.addValue("typeHead", StepPattern.typeHead(selection.taskType()));
			parameters.addValue("stepHead", StepPattern.stepHead(selection.taskType(), selection.step()));
			parameters.addValue("stepPattern", StepPattern.pattern(selection.step()));
		}
		return parameters;
	}

	/** Nothing is older than what PostgreSQL has a timestamp for. */
	private static @Nullable Long microseconds(@Nullable Duration age) {
		if (age == null) {
			return null;
		}
		return DatabaseTimes.microseconds((age.compareTo(LONGEST) < 0) ? age : LONGEST);
	}

}
