package io.pgtask.store;

import java.time.DateTimeException;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.List;

import io.pgtask.PassedStep;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * The states a task has passed: a JSON array in its row, to which every transition to
 * another state adds. It is bounded, because a task may go round in a circle for years.
 */
final class PassedSteps {

	private static final String APPENDED = """
			CASE WHEN jsonb_array_length(t.passed) >= 50 THEN t.passed - 0 ELSE COALESCE(t.passed, '[]') END
					|| jsonb_strip_nulls(jsonb_build_object('n', COALESCE((t.passed -> -1 ->> 'n')::int, 0) + 1,
						'step', {stepName}(t.step), 'left_at', statement_timestamp(), 'tried', t.tried,
						'delivery', t.delivery, 'error', left(t.last_error, 500), 'worker', {worker}))"""
		.replace("{worker}", EndRecord.WORKER);

	private static final String APPEND = "passed = " + APPENDED + ",";

	private static final String APPEND_IF_LEFT = "passed = CASE WHEN o.step IS NULL THEN t.passed ELSE " + APPENDED
			+ " END,";

	private static final JsonMapper MAPPER = JsonMapper.builder().build();

	private PassedSteps() {
	}

	/**
	 * Put the assignment into an UPDATE of rows {@code t} that go on to another state, in
	 * the place of <code>{passed}</code>; nothing if no states are recorded.
	 */
	static String append(TaskTable table, String sql) {
		return sql.replace("{passed}", table.history().recordsSteps() ? APPEND : "");
	}

	/**
	 * Put the assignment into an UPDATE of rows {@code t} of which some go on to another
	 * state {@code o.step}, and others stay.
	 */
	static String appendIfLeft(TaskTable table, String sql) {
		return sql.replace("{passed}", table.history().recordsSteps() ? APPEND_IF_LEFT : "");
	}

	/**
	 * Read what was recorded. Whatever somebody has written into the column, the task
	 * must not be out of sight because of it.
	 */
	static List<PassedStep> read(@Nullable String json) {
		List<PassedStep> passed = new ArrayList<>();
		if (json == null) {
			return passed;
		}
		try {
			for (JsonNode step : MAPPER.readTree(json)) {
				passed.add(read(step));
			}
		}
		catch (JacksonException | DateTimeException ex) {
			return List.of();
		}
		return List.copyOf(passed);
	}

	private static PassedStep read(JsonNode step) {
		return new PassedStep(step.path("n").asInt(0), text(step, "step"),
				OffsetDateTime.parse(step.path("left_at").asString("")).toInstant(), step.path("tried").asInt(0),
				step.path("delivery").asInt(0), text(step, "error"), text(step, "worker"));
	}

	private static @Nullable String text(JsonNode step, String name) {
		JsonNode value = step.path(name);
		return value.isString() ? value.stringValue() : null;
	}

}
