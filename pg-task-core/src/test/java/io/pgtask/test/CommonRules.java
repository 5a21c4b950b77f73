package io.pgtask.test;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.lang.ArchRule;
import com.tngtech.archunit.lang.conditions.ArchConditions;
import org.jspecify.annotations.NullMarked;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

/**
 * Architecture rules for every library module.
 */
public final class CommonRules {

	private CommonRules() {
	}

	/**
	 * Imports what a module ships.
	 * @param type any of its classes
	 * @return all of them, and none of the modules that it uses
	 */
	public static JavaClasses classesOfModule(Class<?> type) {
		return new ClassFileImporter().importUrl(type.getProtectionDomain().getCodeSource().getLocation());
	}

	/**
	 * The null checker only looks at such packages, and says nothing about one that it
	 * does not look at.
	 * @return the rule
	 */
	public static ArchRule packagesAreNullMarked() {
		return classes().should(ArchConditions.be(DescribedPredicate.describe("in a package annotated with @NullMarked",
				(JavaClass javaClass) -> javaClass.getPackage().isAnnotatedWith(NullMarked.class))));
	}

	/**
	 * Sub-packages do not need each other in a circle.
	 * @param packageName the package whose sub-packages to look at
	 * @return the rule
	 */
	public static ArchRule packagesAreFreeOfCycles(String packageName) {
		return slices().matching(packageName + ".(*)..").should().beFreeOfCycles();
	}

	/**
	 * A Turkish default locale makes "TITLE" into "tıtle".
	 * @return the rule
	 */
	public static ArchRule caseIsChangedInAGivenLocale() {
		return noClasses().should()
			.callMethod(String.class, "toUpperCase")
			.orShould()
			.callMethod(String.class, "toLowerCase");
	}

}
