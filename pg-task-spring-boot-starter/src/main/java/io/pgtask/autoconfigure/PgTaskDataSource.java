package io.pgtask.autoconfigure;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

import org.springframework.beans.factory.annotation.Qualifier;

/**
 * Qualifier for the {@link javax.sql.DataSource} that pg-task uses instead of the
 * application's primary one. Declare such a bean with
 * {@code @Bean(defaultCandidate = false)}, so that nothing else picks it up.
 * <p>
 * Enqueueing is part of a transaction only if that transaction belongs to this
 * {@code DataSource}; a transaction manager for another one cannot include it, which is
 * warned about at start-up.
 * <p>
 * It may also mark the transaction manager of transactional steps where there are several
 * for this {@code DataSource}.
 */
@Documented
@Target({ ElementType.FIELD, ElementType.METHOD, ElementType.PARAMETER, ElementType.TYPE, ElementType.ANNOTATION_TYPE })
@Retention(RetentionPolicy.RUNTIME)
@Qualifier
public @interface PgTaskDataSource {

}
