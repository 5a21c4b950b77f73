package io.pgtask.autoconfigure;

import io.pgtask.NextStep;
import io.pgtask.Step;
import io.pgtask.TaskStep;
import io.pgtask.autoconfigure.steps.Greeter;
import io.pgtask.autoconfigure.steps.ReadNameStep;
import org.junit.jupiter.api.Test;

import org.springframework.aot.generate.ClassNameGenerator;
import org.springframework.aot.generate.DefaultGenerationContext;
import org.springframework.aot.generate.GeneratedFiles.Kind;
import org.springframework.aot.generate.GenerationContext;
import org.springframework.aot.generate.InMemoryGeneratedFiles;
import org.springframework.aot.hint.RuntimeHints;
import org.springframework.aot.hint.predicate.RuntimeHintsPredicates;
import org.springframework.beans.factory.aot.AotServices;
import org.springframework.beans.factory.aot.BeanFactoryInitializationAotContribution;
import org.springframework.beans.factory.aot.BeanFactoryInitializationAotProcessor;
import org.springframework.beans.factory.aot.BeanFactoryInitializationCode;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.context.annotation.AnnotationConfigApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;
import org.springframework.context.aot.ApplicationContextAotGenerator;
import org.springframework.javapoet.ClassName;

import static org.assertj.core.api.Assertions.assertThat;
import static org.mockito.BDDMockito.given;
import static org.mockito.Mockito.mock;

/**
 * Tests for {@link TaskStepAotProcessor}.
 */
class TaskStepAotProcessorTests {

	@Test
	void theProcessorIsRegistered() {
		assertThat(AotServices.factories().load(BeanFactoryInitializationAotProcessor.class))
			.hasAtLeastOneElementOfType(TaskStepAotProcessor.class);
	}

	@Test
	void statesCanBeWrittenAndRead() throws NoSuchMethodException {
		RuntimeHints hints = process(Steps.class);
		assertThat(RuntimeHintsPredicates.reflection().onType(Greeter.class)).accepts(hints);
		assertThat(RuntimeHintsPredicates.reflection()
			.onConstructorInvocation(Greeter.ReadName.class.getDeclaredConstructor(String.class))).accepts(hints);
		assertThat(RuntimeHintsPredicates.reflection()
			.onMethodInvocation(Greeter.ReadName.class.getDeclaredMethod("filename"))).accepts(hints);
		assertThat(RuntimeHintsPredicates.reflection().onMethodInvocation(Address.class.getDeclaredMethod("street")))
			.accepts(hints);
	}

	@Test
	void withoutStepsThereIsNothingToDo() {
		assertThat(process(Object.class).reflection().typeHints()).isEmpty();
	}

	@Test
	void aWholeApplicationCanBeProcessed() {
		InMemoryGeneratedFiles files = new InMemoryGeneratedFiles();
		DefaultGenerationContext generation = new DefaultGenerationContext(
				new ClassNameGenerator(ClassName.get(getClass())), files);
		try (AnnotationConfigApplicationContext context = new AnnotationConfigApplicationContext()) {
			context.register(Application.class);
			new ApplicationContextAotGenerator().processAheadOfTime(context, generation);
			generation.writeGeneratedContent();
		}
		assertThat(files.getGeneratedFiles(Kind.SOURCE).keySet())
			.anyMatch((source) -> source.endsWith("PgTaskWorkerAutoConfiguration__BeanDefinitions.java"));
		assertThat(RuntimeHintsPredicates.reflection().onType(Greeter.class)).accepts(generation.getRuntimeHints());
		assertThat(RuntimeHintsPredicates.resource().forResource("io/pgtask/db/changelog.yaml"))
			.accepts(generation.getRuntimeHints());
	}

	private static RuntimeHints process(Class<?> configuration) {
		RuntimeHints hints = new RuntimeHints();
		GenerationContext generation = mock(GenerationContext.class);
		given(generation.getRuntimeHints()).willReturn(hints);
		try (AnnotationConfigApplicationContext context = new AnnotationConfigApplicationContext()) {
			context.register(configuration);
			context.refreshForAotProcessing(new RuntimeHints());
			BeanFactoryInitializationAotContribution contribution = new TaskStepAotProcessor()
				.processAheadOfTime(context.getBeanFactory());
			if (contribution != null) {
				contribution.applyTo(generation, mock(BeanFactoryInitializationCode.class));
			}
		}
		return hints;
	}

	record SendLetter(Address address) {
	}

	record Address(String street) {
	}

	@Configuration(proxyBeanMethods = false)
	@EnableAutoConfiguration
	@Import(Steps.class)
	static class Application {

	}

	@Configuration(proxyBeanMethods = false)
	@Import(ReadNameStep.class)
	static class Steps {

		@Bean
		@TaskStep
		Step<SendLetter, SendLetter> sendLetter() {
			return (state, context) -> NextStep.done();
		}

	}

}
