package io.pgtask.autoconfigure;

import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Collectors;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaAnnotation;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaConstructor;
import com.tngtech.archunit.core.domain.JavaMember;
import com.tngtech.archunit.core.domain.JavaMethod;
import com.tngtech.archunit.core.domain.JavaModifier;
import com.tngtech.archunit.lang.conditions.ArchConditions;
import com.tngtech.archunit.lang.syntax.elements.GivenMethodsConjunction;
import io.pgtask.test.CommonRules;
import org.junit.jupiter.api.Test;

import org.springframework.beans.factory.ObjectProvider;
import org.springframework.beans.factory.config.BeanFactoryPostProcessor;
import org.springframework.beans.factory.config.BeanPostProcessor;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.context.annotation.ImportCandidates;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Condition;
import org.springframework.context.annotation.Lazy;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.members;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.methods;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noMethods;
import static org.assertj.core.api.Assertions.assertThat;

/**
 * The rules that Spring Boot's build has for auto-configurations.
 */
class ArchitectureTests {

	private static final JavaClasses CLASSES = CommonRules.classesOfModule(PgTaskAutoConfiguration.class);

	@Test
	void autoConfigurationsArePublicAndFinal() {
		classes().that()
			.areAnnotatedWith(AutoConfiguration.class)
			.should()
			.bePublic()
			.andShould()
			.haveModifier(JavaModifier.FINAL)
			.check(CLASSES);
	}

	@Test
	void autoConfigurationsHaveNoPublicMembers() {
		members().that()
			.areDeclaredInClassesThat()
			.areAnnotatedWith(AutoConfiguration.class)
			.and(areNotDefaultConstructors())
			.should()
			.notBePublic()
			.check(CLASSES);
	}

	@Test
	void autoConfigurationsAreListed() {
		Set<String> declared = CLASSES.stream()
			.filter((javaClass) -> javaClass.isAnnotatedWith(AutoConfiguration.class))
			.map(JavaClass::getName)
			.collect(Collectors.toSet());
		assertThat(ImportCandidates.load(AutoConfiguration.class, getClass().getClassLoader()).getCandidates())
			.filteredOn((candidate) -> candidate.startsWith("io.pgtask."))
			.containsExactlyInAnyOrderElementsOf(declared);
	}

	@Test
	void beanMethodsOfBeanPostProcessorsAreStaticAndEagerForNothing() {
		beanMethods().should(ArchConditions.be(describeMethod(
				"static and without parameters that cause eager initialization if they return a BeanPostProcessor",
				(method) -> !method.getRawReturnType().isAssignableTo(BeanPostProcessor.class)
						|| isStatic(method) && hasNoEagerParameters(method))))
			.check(CLASSES);
	}

	@Test
	void beanMethodsOfBeanFactoryPostProcessorsAreStaticAndHaveNoParameters() {
		beanMethods().should(
				ArchConditions.be(
						describeMethod("static and without parameters if they return a BeanFactoryPostProcessor",
								(method) -> !method.getRawReturnType().isAssignableTo(BeanFactoryPostProcessor.class)
										|| isStatic(method) && method.getRawParameterTypes().isEmpty())))
			.check(CLASSES);
	}

	@Test
	void beanMethodsAreNotPrivateAndReturnNoPrivateType() {
		beanMethods().should()
			.notBePrivate()
			.andShould()
			.notHaveRawReturnType(DescribedPredicate.describe("private",
					(JavaClass type) -> type.getModifiers().contains(JavaModifier.PRIVATE)))
			.check(CLASSES);
	}

	@Test
	void beanMethodsAreNotConditionalOnAClass() {
		noMethods().that()
			.areAnnotatedWith(Bean.class)
			.should()
			.beAnnotatedWith(ConditionalOnClass.class)
			.because("the class is loaded to read the method's signature before the condition is evaluated")
			.check(CLASSES);
	}

	@Test
	void missingBeansAreNotJustOfTheReturnType() {
		methods().that()
			.areAnnotatedWith(ConditionalOnMissingBean.class)
			.should(ArchConditions.be(describeMethod("conditional on more than its return type, the default",
					(method) -> !namesOnlyItsReturnType(method))))
			.check(CLASSES);
	}

	@Test
	void conditionsAreNotPublic() {
		classes().should(ArchConditions.be(DescribedPredicate.describe("package-private if they are conditions",
				(JavaClass type) -> !type.isAssignableTo(Condition.class)
						|| !type.getModifiers().contains(JavaModifier.PUBLIC))))
			.check(CLASSES);
	}

	@Test
	void onlyMetricsKnowMeters() {
		noClasses().that()
			.resideOutsideOfPackage("..metrics..")
			.and()
			.doNotHaveSimpleName("PgTaskMetricsAutoConfiguration")
			.should()
			.dependOnClassesThat()
			.resideInAPackage("io.micrometer.core..")
			.check(CLASSES);
	}

	@Test
	void configurationPropertiesNameTheirPrefixAsTheValue() {
		classes().that()
			.areAnnotatedWith(ConfigurationProperties.class)
			.should(ArchConditions.be(DescribedPredicate.describe("annotated with more than prefix = …",
					(JavaClass type) -> !namesOnlyThePrefix(type))))
			.check(CLASSES);
	}

	@Test
	void packagesAreFreeOfCycles() {
		CommonRules.packagesAreFreeOfCycles("io.pgtask").check(CLASSES);
	}

	@Test
	void packagesAreNullMarked() {
		CommonRules.packagesAreNullMarked().check(CLASSES);
	}

	@Test
	void caseIsChangedInAGivenLocale() {
		CommonRules.caseIsChangedInAGivenLocale().check(CLASSES);
	}

	private static GivenMethodsConjunction beanMethods() {
		return methods().that().areAnnotatedWith(Bean.class);
	}

	private static DescribedPredicate<JavaMember> areNotDefaultConstructors() {
		return DescribedPredicate.describe("are not default constructors",
				(member) -> !(member instanceof JavaConstructor constructor)
						|| !constructor.getRawParameterTypes().isEmpty());
	}

	private static DescribedPredicate<JavaMethod> describeMethod(String description, Predicate<JavaMethod> predicate) {
		return DescribedPredicate.describe(description, predicate);
	}

	private static boolean isStatic(JavaMethod method) {
		return method.getModifiers().contains(JavaModifier.STATIC);
	}

	private static boolean hasNoEagerParameters(JavaMethod method) {
		return method.getParameters()
			.stream()
			.allMatch((parameter) -> parameter.isAnnotatedWith(Lazy.class)
					|| parameter.getRawType().isEquivalentTo(ObjectProvider.class));
	}

	private static boolean namesOnlyItsReturnType(JavaMethod method) {
		JavaAnnotation<?> annotation = method.getAnnotationOfType(ConditionalOnMissingBean.class.getName());
		return explicitProperties(annotation).equals(Set.of("value"))
				&& annotation.get("value").orElseThrow() instanceof JavaClass[] types && types.length == 1
				&& types[0].equals(method.getRawReturnType());
	}

	private static boolean namesOnlyThePrefix(JavaClass type) {
		JavaAnnotation<?> annotation = type.getAnnotationOfType(ConfigurationProperties.class.getName());
		return explicitProperties(annotation).equals(Set.of("prefix"));
	}

	private static Set<String> explicitProperties(JavaAnnotation<?> annotation) {
		return annotation.getProperties()
			.keySet()
			.stream()
			.filter(annotation::hasExplicitlyDeclaredProperty)
			.collect(Collectors.toSet());
	}

}
