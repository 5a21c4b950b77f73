package io.pgtask.examples;

import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;

import io.pgtask.NextStep;
import io.pgtask.Step;
import io.pgtask.StepContext;
import io.pgtask.TaskClient;
import io.pgtask.test.PostgresTest;
import io.pgtask.test.TestDatabase;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * A step that enqueues other tasks.
 */
@PostgresTest
class FanOutExampleTests {

	private @Nullable TaskClient client;

	@Test
	void aStepEnqueuesATaskForEachRecipient(TestDatabase database) throws Exception {
		MailStep mails = new MailStep();
		NewsletterStep newsletters = new NewsletterStep(this::client);
		try (ExampleWorker worker = new ExampleWorker(database, newsletters, mails)) {
			this.client = worker.client();
			worker.start();
			worker.client().enqueue(new Newsletter(List.of("a", "b", "c")));
			await().until(() -> mails.sent.size() == 3 && worker.tasks() == 0);
			assertThat(mails.sent).containsExactlyInAnyOrder("a", "b", "c");
		}
	}

	private TaskClient client() {
		assertThat(this.client).isNotNull();
		return this.client;
	}

	record Newsletter(List<String> recipients) {
	}

	record Mail(String recipient) {
	}

	private static final class NewsletterStep implements Step<Newsletter, Newsletter> {

		private final Supplier<TaskClient> tasks;

		private NewsletterStep(Supplier<TaskClient> tasks) {
			this.tasks = tasks;
		}

		@Override
		public NextStep<Newsletter> run(Newsletter state, StepContext context) {
			state.recipients().forEach((recipient) -> this.tasks.get().enqueue(new Mail(recipient)));
			return NextStep.done();
		}

	}

	private static final class MailStep implements Step<Mail, Mail> {

		private final Set<String> sent = ConcurrentHashMap.newKeySet();

		@Override
		public NextStep<Mail> run(Mail state, StepContext context) {
			this.sent.add(state.recipient());
			return NextStep.done();
		}

	}

}
