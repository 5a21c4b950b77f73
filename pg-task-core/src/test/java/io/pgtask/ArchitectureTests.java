package io.pgtask;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.library.Architectures;
import io.pgtask.test.CommonRules;
import org.junit.jupiter.api.Test;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

/**
 * The rules that hold core together.
 */
class ArchitectureTests {

	private static final JavaClasses CLASSES = CommonRules.classesOfModule(TaskClient.class);

	@Test
	void arrowsRunFromTheWorkerToTheApi() {
		Architectures.layeredArchitecture()
			.consideringOnlyDependenciesInLayers()
			.layer("worker")
			.definedBy("io.pgtask.worker..")
			.layer("store")
			.definedBy("io.pgtask.store..")
			.layer("codec")
			.definedBy("io.pgtask.codec..")
			.layer("registry")
			.definedBy("io.pgtask.registry..")
			.layer("api")
			.definedBy("io.pgtask")
			.whereLayer("worker")
			.mayNotBeAccessedByAnyLayer()
			.whereLayer("store")
			.mayOnlyBeAccessedByLayers("worker")
			.whereLayer("codec")
			.mayOnlyBeAccessedByLayers("worker", "store")
			.whereLayer("registry")
			.mayOnlyBeAccessedByLayers("worker", "store", "codec")
			.check(CLASSES);
	}

	@Test
	void coreIsUsableWithoutSpringBoot() {
		noClasses().should().dependOnClassesThat().resideInAPackage("org.springframework.boot..").check(CLASSES);
	}

	@Test
	void coreIsUsableWithoutLiquibase() {
		noClasses().should().dependOnClassesThat().resideInAPackage("liquibase..").check(CLASSES);
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

}
