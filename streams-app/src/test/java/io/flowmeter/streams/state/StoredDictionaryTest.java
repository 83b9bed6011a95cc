package io.flowmeter.streams.state;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Arrays;
import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.apache.kafka.common.utils.Bytes;
import org.apache.kafka.streams.state.KeyValueStore;
import org.junit.jupiter.api.Test;

class StoredDictionaryTest {
  private static final byte[] WORKFLOW = {7, 7};

  private final KeyValueStore<Bytes, byte[]> store = MemoryStore.empty();

  @Test
  void aWordKeepsItsNumberThoughTheProcessIsStartedAnew() {
    StoredDictionary dictionary = new StoredDictionary(store, WORKFLOW);
    int fetch = dictionary.number("fetch");
    int empty = dictionary.number("");
    new StoredDictionary(store, new byte[] {7, 8}).number("another workflow's");

    StoredDictionary anew = new StoredDictionary(store, WORKFLOW);
    assertThat(anew.word(fetch)).isEqualTo("fetch");
    assertThat(anew.word(empty)).isEmpty();
    assertThat(anew.number("fetch")).isEqualTo(fetch);
    assertThat(anew.number("pay")).isEqualTo(2);
  }

  @Test
  void whoNamesStepsAfterIdsDoesNotFillTheStore() {
    StoredDictionary dictionary = new StoredDictionary(store, WORKFLOW);
    for (int i = 0; i < StoredDictionary.MOST_WORDS; i++) {
      assertThat(dictionary.number("order " + i)).isEqualTo(i);
    }

    assertThat(dictionary.number("one more")).isEqualTo(Dictionary.NONE);
    assertThat(dictionary.number("order 17")).isEqualTo(17);
  }

  @Test
  void aNumberThatWasNotGivenIsAnErrorThatSaysSo() {
    assertThatThrownBy(() -> new StoredDictionary(store, WORKFLOW).word(3))
        .isInstanceOf(UnreadableStateException.class)
        .hasMessageContaining(
            "expected one of 0 words of the workflow's dictionary, came number 3");
  }

  @Test
  void aFormatThatIsNotKnownIsAnErrorThatSaysSo() {
    store.put(Bytes.wrap(new byte[] {7, 7, 0, 0, 0, 0}), new byte[] {2, 'a'});

    assertThatThrownBy(() -> new StoredDictionary(store, WORKFLOW))
        .isInstanceOf(UnreadableStateException.class)
        .hasMessageContaining("expected a word in state format 1, came format 2");
  }

  @Property(tries = 500)
  void joinedTextsComeApartAgain(@ForAll List<String> texts, @ForAll boolean absent) {
    String[] joined = texts.toArray(new String[0]);
    if (absent && joined.length > 0) {
      joined[0] = null;
    }

    assertThat(DictionaryEncoder.apart(DictionaryEncoder.joined(joined)))
        .isEqualTo(Arrays.asList(joined));
  }

  @Property(tries = 1_000)
  void aNameIsItselfAgain(@ForAll String text, @ForAll long number) {
    for (String name : List.of(text, text + '-' + number, text + "-0" + number, "-" + number)) {
      assertThat(CountedName.of(name)).hasToString(name);
    }
    assertThat(CountedName.of("page-12")).isEqualTo(new CountedName("page", 12));
    assertThat(CountedName.of(null).name()).isNull();
  }
}
