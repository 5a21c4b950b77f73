package io.pgtask.registry;

import java.util.List;

import io.pgtask.InvalidStateException;
import io.pgtask.PersistentName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * Tests for {@link TaskNames}: which names can be persisted.
 */
class PersistedNameTests {

	@Test
	void pinnedNamesAndTheirAliasesReplaceTheSimpleNames() {
		assertThat(TaskNames.of(Pinned.First.class))
			.isEqualTo(new TaskNames(Pinned.class, "invoice", List.of("Invoice", "Bill"), "create", List.of("First")));
	}

	@Test
	void aPinnedNameOfASingleStepTaskNamesBothTheTypeAndTheStep() {
		TaskNames names = TaskNames.of(PinnedMail.class);
		assertThat(names.taskType()).isEqualTo("mail");
		assertThat(names.step()).isEqualTo("mail");
		assertThat(names.taskTypeAliases()).containsExactly("SendMail");
		assertThat(names.stepAliases()).containsExactly("SendMail");
	}

	@Test
	void anAliasEqualToTheNameIsNoAlias() {
		assertThat(TaskNames.of(SelfAlias.class).stepAliases()).containsExactly("old");
	}

	@Test
	void emojiAndLettersOfAnyLanguageAreNames() {
		assertThat(TaskNames.of(Umlaut.class).taskType()).isEqualTo("Grüße 🎉");
	}

	@ParameterizedTest
	@ValueSource(classes = { Blank.class, TooLong.class, Quoted.class, Backslash.class, LineBreak.class, Delete.class,
			HalfPair.class, BadAlias.class })
	void aNameThatCannotBePersistedIsRefusedWithItsClass(Class<?> type) {
		assertThatExceptionOfType(InvalidStateException.class).isThrownBy(() -> TaskNames.of(type))
			.withMessageContaining("The persisted name")
			.withMessageContaining(Names.of(type))
			.withMessageContaining("@PersistentName");
	}

	@Test
	void twoHundredCharactersAreAName() {
		assertThat(TaskNames.of(JustShortEnough.class).taskType()).hasSize(400).isEqualTo("🎉".repeat(200));
	}

	@PersistentName(value = "invoice", aliases = { "Invoice", "Bill" })
	sealed interface Pinned {

		@PersistentName(value = "create", aliases = "First")
		record First() implements Pinned {
		}

	}

	@PersistentName(value = "mail", aliases = "SendMail")
	record PinnedMail() {
	}

	@PersistentName(value = "new", aliases = { "new", "old", "old" })
	record SelfAlias() {
	}

	@PersistentName("Grüße 🎉")
	record Umlaut() {
	}

	@PersistentName(" ")
	record Blank() {
	}

	@PersistentName("01234567890123456789012345678901234567890123456789012345678901234567890123456789012345678901234567890"
			+ "0123456789012345678901234567890123456789012345678901234567890123456789012345678901234567890123456789")
	record TooLong() {
	}

	@PersistentName("say \"hello\"")
	record Quoted() {
	}

	@PersistentName("back\\slash")
	record Backslash() {
	}

	@PersistentName("two\nlines")
	record LineBreak() {
	}

	@PersistentName("delete\u007f")
	record Delete() {
	}

	@PersistentName("half \ud83c")
	record HalfPair() {
	}

	@PersistentName(value = "fine", aliases = "")
	record BadAlias() {
	}

	@PersistentName("🎉🎉🎉🎉🎉🎉🎉🎉🎉🎉🎉🎉🎉🎉🎉🎉🎉🎉🎉🎉🎉🎉🎉🎉🎉🎉🎉🎉🎉🎉🎉🎉🎉🎉🎉🎉🎉🎉🎉🎉🎉🎉🎉🎉🎉🎉🎉🎉🎉🎉"
			+ "🎉🎉🎉🎉🎉🎉🎉🎉🎉🎉🎉🎉🎉🎉🎉🎉🎉🎉🎉🎉🎉🎉🎉🎉🎉🎉🎉🎉🎉🎉🎉🎉🎉🎉🎉🎉🎉🎉🎉🎉🎉🎉🎉🎉🎉🎉🎉🎉🎉🎉"
			+ "🎉🎉🎉🎉🎉🎉🎉🎉🎉🎉🎉🎉🎉🎉🎉🎉🎉🎉🎉🎉🎉🎉🎉🎉🎉🎉🎉🎉🎉🎉🎉🎉🎉🎉🎉🎉🎉🎉🎉🎉🎉🎉🎉🎉🎉🎉🎉🎉🎉🎉"
			+ "🎉🎉🎉🎉🎉🎉🎉🎉🎉🎉🎉🎉🎉🎉🎉🎉🎉🎉🎉🎉🎉🎉🎉🎉🎉🎉🎉🎉🎉🎉🎉🎉🎉🎉🎉🎉🎉🎉🎉🎉🎉🎉🎉🎉🎉🎉🎉🎉🎉🎉")
	record JustShortEnough() {
	}

}
