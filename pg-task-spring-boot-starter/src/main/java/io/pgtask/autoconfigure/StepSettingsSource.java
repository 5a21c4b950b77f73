package io.pgtask.autoconfigure;

import io.pgtask.TaskStep;
import io.pgtask.registry.StepOptions;
import io.pgtask.registry.StepSettings;
import io.pgtask.registry.StepSettingsReader;
import io.pgtask.registry.TaskRegistry;

import org.springframework.beans.BeansException;
import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;
import org.springframework.core.retry.RetryPolicy;

/**
 * Tells how steps are run: what the properties of a step say wins over those of its task
 * type, these over the annotation, and the annotation over the properties of all steps.
 */
final class StepSettingsSource {

	private final ConfigurableListableBeanFactory beanFactory;

	private final StepProperties steps;

	private final StepOptions defaults;

	StepSettingsSource(ConfigurableListableBeanFactory beanFactory, PgTaskProperties properties) {
		this.beanFactory = beanFactory;
		this.steps = new StepProperties(properties.steps());
		this.defaults = properties.retry().toOptions(properties.worker().stepTimeout());
	}

	StepSettings settings(TaskStep annotation, String origin, String taskType, String step) {
		StepOptions annotated = StepSettingsReader.options(annotation, this::resolve, origin);
		StepOptions options = this.steps.options(taskType, step).over(annotated).over(this.defaults);
		return StepSettingsReader.settings(annotation, options, this::policy, origin);
	}

	/** Check what can only be known when all steps are. */
	void verify(TaskRegistry registry) {
		this.steps.verify(registry);
	}

	private RetryPolicy policy(String name) {
		try {
			return this.beanFactory.getBean(name, RetryPolicy.class);
		}
		catch (BeansException ex) {
			throw new IllegalArgumentException("retryPolicy '" + name + "' is not the name of a bean of type "
					+ RetryPolicy.class.getName() + " (" + ex.getMessage() + ")", ex);
		}
	}

	private String resolve(String text) {
		String resolved = this.beanFactory.resolveEmbeddedValue(text);
		return (resolved != null) ? resolved : "";
	}

}
