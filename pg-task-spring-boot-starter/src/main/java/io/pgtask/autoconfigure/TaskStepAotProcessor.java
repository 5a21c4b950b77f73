package io.pgtask.autoconfigure;

import java.lang.reflect.Type;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

import io.pgtask.registry.StepOptions;
import org.jspecify.annotations.Nullable;

import org.springframework.aot.generate.GenerationContext;
import org.springframework.aot.hint.BindingReflectionHintsRegistrar;
import org.springframework.aot.hint.ReflectionHints;
import org.springframework.beans.factory.aot.BeanFactoryInitializationAotContribution;
import org.springframework.beans.factory.aot.BeanFactoryInitializationAotProcessor;
import org.springframework.beans.factory.aot.BeanFactoryInitializationCode;
import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;
import org.springframework.boot.context.properties.bind.BindableRuntimeHintsRegistrar;
import org.springframework.core.ResolvableType;

/**
 * Lets the states of all steps be written and read in a native image.
 */
class TaskStepAotProcessor implements BeanFactoryInitializationAotProcessor {

	@Override
	public @Nullable BeanFactoryInitializationAotContribution processAheadOfTime(
			ConfigurableListableBeanFactory beanFactory) {
		List<ResolvableType> steps = new TaskStepBeans(beanFactory).types();
		return steps.isEmpty() ? null : new StatesContribution(steps);
	}

	private record StatesContribution(List<ResolvableType> steps) implements BeanFactoryInitializationAotContribution {

		@Override
		public void applyTo(GenerationContext generationContext, BeanFactoryInitializationCode code) {
			ReflectionHints hints = generationContext.getRuntimeHints().reflection();
			Set<Type> states = new LinkedHashSet<>();
			for (ResolvableType step : this.steps) {
				Class<?> taskType = step.getGeneric(0).resolve();
				if (taskType != null && step.getGeneric(1).resolve() != null) {
					hints.registerType(taskType);
					states.add(step.getGeneric(1).getType());
				}
			}
			// The values of pg-task.steps are bound when the steps are known.
			BindableRuntimeHintsRegistrar.forTypes(StepOptions.class)
				.registerHints(generationContext.getRuntimeHints());
			new BindingReflectionHintsRegistrar().registerReflectionHints(hints, states.toArray(Type[]::new));
		}

	}

}
