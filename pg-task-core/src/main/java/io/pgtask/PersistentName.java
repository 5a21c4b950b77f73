package io.pgtask;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * Pins the name under which a task type or a state is persisted, so that the class can be
 * renamed or moved while rows wait. Without it the simple class name is used.
 */
@Documented
@Target(ElementType.TYPE)
@Retention(RetentionPolicy.RUNTIME)
public @interface PersistentName {

	/**
	 * The name that is written.
	 * @return the name, not blank, at most 200 characters
	 */
	String value();

	/**
	 * Former names that are still read.
	 * @return the aliases, none by default
	 */
	String[] aliases() default {};

}
