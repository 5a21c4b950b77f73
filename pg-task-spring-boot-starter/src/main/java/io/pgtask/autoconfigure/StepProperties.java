package io.pgtask.autoconfigure;

import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;

import io.pgtask.PgTaskConfigurationException;
import io.pgtask.registry.ConfigurationFaults;
import io.pgtask.registry.StepDefinition;
import io.pgtask.registry.StepOptions;
import io.pgtask.registry.TaskRegistry;
import org.jspecify.annotations.Nullable;

import org.springframework.boot.context.properties.bind.BindException;
import org.springframework.boot.context.properties.bind.Bindable;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.context.properties.source.MapConfigurationPropertySource;

/**
 * The properties {@code pg-task.steps.*}: below the name of a task type there are
 * settings for all of its steps, and names of steps with settings of their own. A value
 * is a setting, and what has something below it is a step.
 */
final class StepProperties {

	private static final String PREFIX = "pg-task.steps";

	private static final Set<String> SETTINGS = Set.of("max-retries", "retry-backoff", "retry-delay",
			"retry-multiplier", "retry-max-delay", "retry-jitter", "retry-for", "no-retry-for", "retry-policy",
			"timeout");

	/** The name of a root that the settings of one step are bound to. */
	private static final String ROOT = "step";

	private final Map<String, Object> types;

	StepProperties(Map<String, Object> types) {
		this.types = types;
	}

	/**
	 * Return what is set for a step, and below that for its task type.
	 * @throws PgTaskConfigurationException if a value cannot be understood
	 */
	StepOptions options(String taskType, String step) {
		Object ofType = find(this.types, taskType);
		if (!(ofType instanceof Map<?, ?> entries)) {
			return StepOptions.NONE;
		}
		StepOptions options = bind(PREFIX + "." + taskType, entries);
		return (find(entries, step) instanceof Map<?, ?> ofStep)
				? bind(PREFIX + "." + taskType + "." + step, ofStep).over(options) : options;
	}

	/**
	 * Check that everything is said about a step that exists.
	 * @throws PgTaskConfigurationException if a name is unknown
	 */
	void verify(TaskRegistry registry) {
		ConfigurationFaults faults = new ConfigurationFaults();
		Set<String> known = registry.steps()
			.stream()
			.map(StepDefinition::taskType)
			.collect(Collectors.toCollection(TreeSet::new));
		this.types.forEach((type, entries) -> {
			if (!(entries instanceof Map<?, ?> settings)) {
				addUnknown(faults, PREFIX + "." + type, "is neither a setting nor a task type with settings", known);
			}
			else if (!isAmong(type, known)) {
				addUnknown(faults, PREFIX + "." + type, "names a task type that has no steps in this application",
						known);
			}
			else {
				verify(faults, type, settings, registry.stepNames(exact(type, known)));
			}
		});
		faults.throwIfAny();
	}

	private static void verify(ConfigurationFaults faults, String type, Map<?, ?> entries, Set<String> steps) {
		entries.forEach((key, value) -> {
			String name = String.valueOf(key);
			String property = PREFIX + "." + type + "." + name;
			if (isSetting(name, value)) {
				return;
			}
			if (!(value instanceof Map<?, ?> settings)) {
				addUnknown(faults, property, "is no setting of a task type", SETTINGS);
			}
			else if (!isAmong(name, steps)) {
				addUnknown(faults, property, "names a step that the task type does not have", steps);
			}
			else {
				settings.forEach((setting, ignored) -> {
					if (!isAmong(String.valueOf(setting), SETTINGS)) {
						addUnknown(faults, property + "." + setting, "is no setting of a step", SETTINGS);
					}
				});
			}
		});
	}

	private static void addUnknown(ConfigurationFaults faults, String property, String problem,
			Collection<String> known) {
		faults.add("The property " + property + " " + problem + ".",
				"Remove it, or correct the name; known are " + String.join(", ", new TreeSet<>(known)) + ".");
	}

	private static StepOptions bind(String property, Map<?, ?> entries) {
		Map<String, Object> settings = new LinkedHashMap<>();
		entries.forEach((key, value) -> {
			if (isSetting(String.valueOf(key), value)) {
				settings.put(ROOT + "." + key, text(value));
			}
		});
		try {
			return new Binder(new MapConfigurationPropertySource(settings)).bind(ROOT, Bindable.of(StepOptions.class))
				.orElse(StepOptions.NONE);
		}
		catch (BindException ex) {
			Throwable cause = ex;
			while (cause.getCause() != null) {
				cause = cause.getCause();
			}
			String name = String.valueOf(ex.getName()).substring(ROOT.length());
			throw new PgTaskConfigurationException(
					"The property " + property + name + " cannot be understood: " + cause.getMessage(),
					"Correct the value; it is written like the attribute of the same name of @TaskStep.", ex);
		}
	}

	private static boolean isSetting(String name, Object value) {
		return isAmong(name, SETTINGS) && (!(value instanceof Map<?, ?> entries) || isList(entries));
	}

	private static boolean isList(Map<?, ?> entries) {
		return entries.keySet().stream().allMatch((key) -> String.valueOf(key).matches("\\d+"));
	}

	private static String text(Object value) {
		Collection<?> values = (value instanceof Map<?, ?> entries) ? entries.values()
				: (value instanceof Collection<?> elements) ? elements : List.of(value);
		return values.stream().map(String::valueOf).collect(Collectors.joining(","));
	}

	private static @Nullable Object find(Map<?, ?> entries, String name) {
		return entries.entrySet()
			.stream()
			.filter((entry) -> uniform(String.valueOf(entry.getKey())).equals(uniform(name)))
			.filter((entry) -> entry.getValue() instanceof Map)
			.findFirst()
			.<Object>map(Map.Entry::getValue)
			.orElse(null);
	}

	private static boolean isAmong(String name, Collection<String> known) {
		return known.stream().anyMatch((other) -> uniform(other).equals(uniform(name)));
	}

	private static String exact(String name, Collection<String> known) {
		return known.stream().filter((other) -> uniform(other).equals(uniform(name))).findFirst().orElse(name);
	}

	/** Environment variables have neither capitals nor dashes. */
	private static String uniform(String name) {
		return name.replaceAll("[^\\p{L}\\p{N}]", "").toLowerCase(Locale.ROOT);
	}

}
