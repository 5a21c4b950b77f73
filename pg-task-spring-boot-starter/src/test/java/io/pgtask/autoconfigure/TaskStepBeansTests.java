package io.pgtask.autoconfigure;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;

import io.pgtask.NextStep;
import io.pgtask.PgTaskConfigurationException;
import io.pgtask.RetrySettings;
import io.pgtask.Step;
import io.pgtask.StepContext;
import io.pgtask.TaskStep;
import io.pgtask.autoconfigure.steps.Greeter;
import io.pgtask.registry.StepDefinition;
import io.pgtask.registry.TaskRegistry;
import org.aspectj.lang.ProceedingJoinPoint;
import org.aspectj.lang.annotation.Around;
import org.aspectj.lang.annotation.Aspect;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

import org.springframework.aop.support.AopUtils;
import org.springframework.beans.factory.FactoryBean;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.autoconfigure.context.PropertyPlaceholderAutoConfiguration;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.beans.factory.config.CustomScopeConfigurer;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.ComponentScan;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.EnableAspectJAutoProxy;
import org.springframework.context.annotation.Import;
import org.springframework.context.annotation.Scope;
import org.springframework.context.annotation.ScopedProxyMode;
import org.springframework.context.support.SimpleThreadScope;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.mockito.Mockito.mock;

/**
 * Tests for {@link TaskStepBeans}.
 */
@ExtendWith(OutputCaptureExtension.class)
class TaskStepBeansTests {

	private final ApplicationContextRunner contextRunner = new ApplicationContextRunner()
		.withConfiguration(AutoConfigurations.of(PropertyPlaceholderAutoConfiguration.class));

	@Test
	void stepsAreFoundByComponentScanning() {
		run(ScannedSteps.class, (registry) -> {
			assertThat(registry.steps()).extracting(StepDefinition::step)
				.containsExactlyInAnyOrder("ReadName", "SayHello");
			assertThat(step(registry, "ReadName").retry())
				.isEqualTo(new RetrySettings(5, Duration.ofSeconds(5), 1.0, null, 0.0));
		});
	}

	@Test
	void theAnnotationOnABeanMethodMakesAStepOfAnyClass() {
		run(PlainClassFromBeanMethod.class, (registry) -> {
			assertThat(mail(registry).bean()).isInstanceOf(PlainSendMail.class);
			assertThat(mail(registry).retry().maxRetries()).isEqualTo(2);
		});
	}

	@Test
	void theAnnotationOnABeanMethodWinsOverThatOnTheClass() {
		run(AnnotatedClassFromAnnotatedBeanMethod.class,
				(registry) -> assertThat(mail(registry).retry().maxRetries()).isEqualTo(7));
	}

	@Test
	void theAnnotationOnTheClassCountsWhenTheBeanMethodHasNone() {
		run(AnnotatedClassFromBeanMethod.class,
				(registry) -> assertThat(mail(registry).retry().maxRetries()).isEqualTo(3));
	}

	@Test
	void theClassBehindABeanMethodThatDeclaresOnlyTheInterfaceTellsTheTypes() {
		run(WildcardFromBeanMethod.class,
				(registry) -> assertThat(mail(registry).stateClass()).isEqualTo(SendMail.class));
	}

	@Test
	void aLambdaIsAStepByTheTypesItsBeanMethodDeclares() {
		run(LambdaStep.class, (registry) -> assertThat(mail(registry).stateClass()).isEqualTo(SendMail.class));
	}

	@Test
	void aLambdaWithoutDeclaredTypesIsRefused() {
		assertFails(UntypedLambdaStep.class, "The task type and the state of the step 'sendMail' are unknown",
				"return it from a @Bean method");
	}

	@Test
	void genericsMayBeBoundInASuperclass() {
		run(BoundInSuperclass.class, (registry) -> assertThat(registry.steps()).extracting(StepDefinition::stateClass)
			.containsExactlyInAnyOrder(Greeter.ReadName.class, Greeter.SayHello.class));
	}

	@Test
	void theProxyOfAnInterfaceIsWhatIsCalled() {
		run(JdkProxies.class, (registry) -> {
			Step<?, ?> bean = mail(registry).bean();
			assertThat(AopUtils.isJdkDynamicProxy(bean)).isTrue();
			assertAdviceApplies(bean);
		});
	}

	@Test
	void theProxyOfAStepFromABeanMethodIsFoundByTheClassBehindIt() {
		run(JdkProxyFromBeanMethod.class, (registry) -> {
			assertThat(mail(registry).retry().maxRetries()).isEqualTo(3);
			assertAdviceApplies(mail(registry).bean());
		});
	}

	@Test
	void theProxyOfAClassIsWhatIsCalled() {
		run(CglibProxies.class, (registry) -> {
			Step<?, ?> bean = mail(registry).bean();
			assertThat(AopUtils.isCglibProxy(bean)).isTrue();
			assertAdviceApplies(bean);
		});
	}

	@Test
	void theProxyOfALambdaKeepsItsDeclaredTypes() {
		run(ProxiedLambda.class, (registry) -> assertAdviceApplies(mail(registry).bean()));
	}

	@Test
	void aScopedStepIsFoundOnce() {
		run(ScopedStep.class, (registry) -> {
			assertThat(registry.steps()).hasSize(1);
			assertThat(AopUtils.isAopProxy(mail(registry).bean())).isTrue();
		});
	}

	@Test
	void theProductOfAFactoryBeanIsAStep() {
		run(StepFromFactoryBean.class, (registry) -> assertThat(mail(registry).stateClass()).isEqualTo(SendMail.class));
	}

	@Test
	void aBeanThatIsNoStepIsRefused() {
		assertFails(NoStep.class, "annotated @TaskStep but is no io.pgtask.Step", "Implement Step<T, S>");
	}

	@Test
	void aStepWithoutTheAnnotationRunsForNoTaskAndIsToldAbout(CapturedOutput output) {
		run(UnannotatedStep.class, (registry) -> assertThat(registry.steps()).isEmpty());
		assertThat(output).contains("The bean 'sendMail' is a Step").contains("not annotated with @TaskStep");
	}

	@Test
	void placeholdersInDurationsAreResolved() {
		this.contextRunner.withPropertyValues("mail.delay=PT3S")
			.withUserConfiguration(PlaceholderStep.class)
			.run((context) -> {
				StepDefinition step = mail(register(context));
				assertThat(step.retry().delay()).isEqualTo(Duration.ofSeconds(3));
				assertThat(step.retry().maxDelay()).isEqualTo(Duration.ofMinutes(1));
			});
	}

	@Test
	void aPlaceholderThatCannotBeResolvedIsToldWithItsBeanAndAttribute() {
		assertFails(PlaceholderStep.class,
				"The retryDelay of the @TaskStep of 'sendMail' has a placeholder that cannot be resolved: '${mail.delay}'",
				"such as 5s or PT5S");
	}

	@Test
	void aDurationThatIsNoneIsToldWithItsBeanAndAttribute() {
		this.contextRunner.withPropertyValues("mail.delay=soon")
			.withUserConfiguration(PlaceholderStep.class)
			.run((context) -> assertThatExceptionOfType(PgTaskConfigurationException.class)
				.isThrownBy(() -> register(context))
				.withMessage("The retryDelay of the @TaskStep of 'sendMail' is not a duration: 'soon'."));
	}

	private void run(Class<?> configuration, Consumer<TaskRegistry> assertions) {
		this.contextRunner.withUserConfiguration(configuration).run((context) -> {
			assertThat(context).hasNotFailed();
			assertions.accept(register(context));
		});
	}

	private void assertFails(Class<?> configuration, String message, String action) {
		this.contextRunner.withUserConfiguration(configuration)
			.run((context) -> assertThatExceptionOfType(PgTaskConfigurationException.class)
				.isThrownBy(() -> register(context))
				.withMessageContaining(message)
				.satisfies((ex) -> assertThat(ex.getAction()).contains(action)));
	}

	private static TaskRegistry register(ConfigurableApplicationContext context) {
		return new TaskStepBeans(context.getBeanFactory())
			.register(new StepSettingsSource(context.getBeanFactory(), PgTaskContexts.bind(context.getEnvironment())));
	}

	private static StepDefinition mail(TaskRegistry registry) {
		assertThat(registry.steps()).hasSize(1);
		return registry.steps().iterator().next();
	}

	private static StepDefinition step(TaskRegistry registry, String name) {
		StepDefinition step = registry.find("Greeter", name);
		assertThat(step).isNotNull();
		return step;
	}

	@SuppressWarnings("unchecked")
	private static void assertAdviceApplies(Step<?, ?> bean) {
		int before = CountingAspect.CALLS.get();
		try {
			((Step<SendMail, SendMail>) bean).run(new SendMail("a@example.org"), mock(StepContext.class));
		}
		catch (Exception ex) {
			throw new AssertionError(ex);
		}
		assertThat(CountingAspect.CALLS).hasValue(before + 1);
	}

	record SendMail(String to) {
	}

	static class PlainSendMail implements Step<SendMail, SendMail> {

		@Override
		public NextStep<SendMail> run(SendMail state, StepContext context) {
			return NextStep.done();
		}

	}

	@TaskStep(value = "sendMail", maxRetries = 3)
	static class AnnotatedSendMail extends PlainSendMail {

	}

	abstract static class GreeterStep<S extends Greeter> implements Step<Greeter, S> {

		@Override
		public NextStep<Greeter> run(S state, StepContext context) {
			return NextStep.done();
		}

	}

	@TaskStep
	static class ReadNameOfSuperclass extends GreeterStep<Greeter.ReadName> {

	}

	@TaskStep
	static class SayHelloOfSuperclass extends GreeterStep<Greeter.SayHello> {

	}

	@Aspect
	static class CountingAspect {

		static final AtomicInteger CALLS = new AtomicInteger();

		@Around("execution(* io.pgtask.Step.run(..))")
		Object count(ProceedingJoinPoint call) throws Throwable {
			CALLS.incrementAndGet();
			return call.proceed();
		}

	}

	@Configuration(proxyBeanMethods = false)
	@ComponentScan(basePackageClasses = Greeter.class)
	static class ScannedSteps {

	}

	@Configuration(proxyBeanMethods = false)
	static class PlainClassFromBeanMethod {

		@Bean
		@TaskStep(maxRetries = 2)
		PlainSendMail sendMail() {
			return new PlainSendMail();
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class AnnotatedClassFromAnnotatedBeanMethod {

		@Bean
		@TaskStep(maxRetries = 7)
		AnnotatedSendMail sendMail() {
			return new AnnotatedSendMail();
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class AnnotatedClassFromBeanMethod {

		@Bean
		AnnotatedSendMail sendMail() {
			return new AnnotatedSendMail();
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class WildcardFromBeanMethod {

		@Bean
		@TaskStep
		Step<?, ?> sendMail() {
			return new PlainSendMail();
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class LambdaStep {

		@Bean
		@TaskStep
		Step<SendMail, SendMail> sendMail() {
			return (state, context) -> NextStep.done();
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class UntypedLambdaStep {

		@Bean
		@TaskStep
		Step<?, ?> sendMail() {
			Step<SendMail, SendMail> step = (state, context) -> NextStep.done();
			return step;
		}

	}

	@Configuration(proxyBeanMethods = false)
	@Import({ ReadNameOfSuperclass.class, SayHelloOfSuperclass.class })
	static class BoundInSuperclass {

	}

	@Configuration(proxyBeanMethods = false)
	@EnableAspectJAutoProxy(proxyTargetClass = false)
	@Import({ CountingAspect.class, AnnotatedSendMail.class })
	static class JdkProxies {

	}

	@Configuration(proxyBeanMethods = false)
	@EnableAspectJAutoProxy(proxyTargetClass = false)
	@Import(CountingAspect.class)
	static class JdkProxyFromBeanMethod {

		@Bean
		Step<SendMail, SendMail> sendMail() {
			return new AnnotatedSendMail();
		}

	}

	@Configuration(proxyBeanMethods = false)
	@EnableAspectJAutoProxy(proxyTargetClass = true)
	@Import({ CountingAspect.class, AnnotatedSendMail.class })
	static class CglibProxies {

	}

	@Configuration(proxyBeanMethods = false)
	@EnableAspectJAutoProxy(proxyTargetClass = false)
	@Import({ CountingAspect.class, LambdaStep.class })
	static class ProxiedLambda {

	}

	@Configuration(proxyBeanMethods = false)
	static class ScopedStep {

		@Bean
		static CustomScopeConfigurer threadScope() {
			CustomScopeConfigurer configurer = new CustomScopeConfigurer();
			configurer.addScope("thread", new SimpleThreadScope());
			return configurer;
		}

		@Bean
		@Scope(scopeName = "thread", proxyMode = ScopedProxyMode.TARGET_CLASS)
		AnnotatedSendMail sendMail() {
			return new AnnotatedSendMail();
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class StepFromFactoryBean {

		@Bean
		@TaskStep
		FactoryBean<Step<SendMail, SendMail>> sendMail() {
			return new FactoryBean<>() {

				@Override
				public Step<SendMail, SendMail> getObject() {
					return (state, context) -> NextStep.done();
				}

				@Override
				public Class<?> getObjectType() {
					return Step.class;
				}

			};
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class NoStep {

		@Bean
		@TaskStep
		Runnable cleanUp() {
			return () -> {
			};
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class UnannotatedStep {

		@Bean
		PlainSendMail sendMail() {
			return new PlainSendMail();
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class PlaceholderStep {

		@Bean
		@TaskStep(maxRetries = 2, retryDelay = "${mail.delay}", retryMaxDelay = "${mail.max-delay:1m}")
		PlainSendMail sendMail() {
			return new PlainSendMail();
		}

	}

}
