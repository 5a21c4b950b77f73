package io.pgtask.autoconfigure;

import java.lang.reflect.Method;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Stream;

import io.pgtask.Step;
import io.pgtask.TaskStep;
import io.pgtask.registry.TaskRegistry;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.jspecify.annotations.Nullable;

import org.springframework.aop.framework.AopProxyUtils;
import org.springframework.aop.scope.ScopedProxyUtils;
import org.springframework.beans.factory.FactoryBean;
import org.springframework.beans.factory.config.BeanDefinition;
import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;
import org.springframework.beans.factory.support.RootBeanDefinition;
import org.springframework.core.ResolvableType;
import org.springframework.core.annotation.AnnotatedElementUtils;

/**
 * Finds the beans that are annotated with {@link TaskStep}, on their class or on their
 * bean method. The bean as the container hands it out, proxy and all, is what will be
 * called; the class behind it and the declaration of the bean tell its types.
 */
final class TaskStepBeans {

	private static final Logger logger = LoggerFactory.getLogger(TaskStepBeans.class);

	private final ConfigurableListableBeanFactory beanFactory;

	TaskStepBeans(ConfigurableListableBeanFactory beanFactory) {
		this.beanFactory = beanFactory;
	}

	TaskRegistry register(StepSettingsSource settings) {
		TaskRegistry.Builder builder = TaskRegistry.builder();
		candidateNames().forEach((name) -> register(builder, name, settings));
		TaskRegistry registry = builder.build();
		settings.verify(registry);
		return registry;
	}

	/**
	 * Return the types of the steps as far as they can be told without their beans.
	 * @return the types, each with the generics of {@link Step} where they are known
	 */
	List<ResolvableType> types() {
		return candidateNames().stream()
			.map((name) -> declaredType(name, Objects.requireNonNullElse(this.beanFactory.getType(name), Object.class)))
			.map((type) -> type.as(Step.class))
			.toList();
	}

	/**
	 * Beans of the type are candidates, too: the class behind a JDK proxy, with its
	 * annotation, can only be seen on the bean itself.
	 */
	private Set<String> candidateNames() {
		Set<String> names = new LinkedHashSet<>();
		names.addAll(Arrays.asList(this.beanFactory.getBeanNamesForAnnotation(TaskStep.class)));
		names.addAll(Arrays.asList(this.beanFactory.getBeanNamesForType(Step.class)));
		names.removeIf(ScopedProxyUtils::isScopedTarget);
		return names;
	}

	private void register(TaskRegistry.Builder builder, String name, StepSettingsSource settings) {
		Object bean = this.beanFactory.getBean(name);
		Class<?> type = AopProxyUtils.ultimateTargetClass(bean);
		TaskStep annotation = findAnnotation(name, type);
		if (annotation == null) {
			logger.warn("The bean '%s' is a %s, but runs for no task because it is not annotated with @TaskStep"
				.formatted(name, Step.class.getSimpleName()));
			return;
		}
		String origin = "'" + name + "'";
		builder.candidate(bean, declaredType(name, type),
				(taskType, step) -> settings.settings(annotation, origin, taskType, step), origin);
	}

	/** What a bean method says wins over what the class says that it returns. */
	private @Nullable TaskStep findAnnotation(String name, Class<?> type) {
		Method method = findFactoryMethod(name);
		TaskStep annotation = (method != null) ? AnnotatedElementUtils.findMergedAnnotation(method, TaskStep.class)
				: null;
		if (annotation == null) {
			annotation = this.beanFactory.findAnnotationOnBean(name, TaskStep.class);
		}
		return (annotation != null) ? annotation : AnnotatedElementUtils.findMergedAnnotation(type, TaskStep.class);
	}

	private @Nullable Method findFactoryMethod(String name) {
		return (findDefinition(name) instanceof RootBeanDefinition definition) ? definition.getResolvedFactoryMethod()
				: null;
	}

	private ResolvableType declaredType(String name, Class<?> type) {
		ResolvableType ofClass = ResolvableType.forClass(type);
		BeanDefinition definition = findDefinition(name);
		if (definition == null) {
			return ofClass;
		}
		ResolvableType ofDefinition = definition.getResolvableType();
		List<ResolvableType> types = Stream.of(ofDefinition, ofDefinition.as(FactoryBean.class).getGeneric(0), ofClass)
			.toList();
		return types.stream().filter(TaskStepBeans::tellsTheState).findFirst().orElse(ofClass);
	}

	private static boolean tellsTheState(ResolvableType type) {
		ResolvableType step = type.as(Step.class);
		Class<?> state = step.getGeneric(1).resolve();
		return step.getGeneric(0).resolve() != null && state != null && !state.isInterface();
	}

	private @Nullable BeanDefinition findDefinition(String name) {
		return this.beanFactory.containsBeanDefinition(name) ? this.beanFactory.getMergedBeanDefinition(name) : null;
	}

}
