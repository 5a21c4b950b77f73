package io.pgtask.test;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Inherited;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

import org.junit.jupiter.api.extension.ExtendWith;

/**
 * A {@link PostgresTest} whose database has the table {@code pg_task}. At the beginning
 * of each test that is empty, and no type is paused.
 */
@Documented
@Inherited
@Target(ElementType.TYPE)
@Retention(RetentionPolicy.RUNTIME)
@PostgresTest
@ExtendWith(TaskTableExtension.class)
public @interface TaskTableTest {

}
