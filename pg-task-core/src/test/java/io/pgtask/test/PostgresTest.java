package io.pgtask.test;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Inherited;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

import org.junit.jupiter.api.extension.ExtendWith;

/**
 * Gives a test class a fresh, empty database of the {@link PostgresServer#shared() shared
 * server}, which is dropped after the last test of the class. Constructors, life-cycle
 * methods and tests take it as a parameter of type {@link TestDatabase}; nested classes
 * share that of the outermost one.
 */
@Documented
@Inherited
@Target(ElementType.TYPE)
@Retention(RetentionPolicy.RUNTIME)
@ExtendWith(PostgresExtension.class)
public @interface PostgresTest {

}
