package io.flowmeter.cli.deploy;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What can be known of the image without building it. */
class DockerfileTest {
  private String all;
  private String image;

  /** The last stage is the image. Continued lines are joined. */
  @BeforeEach
  void read() throws IOException {
    all = Files.readString(Manifest.FOLDER.resolve("Dockerfile")).replaceAll("\\\\\n *", "");
    image = all.substring(all.lastIndexOf("\nFROM "));
  }

  @Test
  void itHoldsWhatServesAnAccount() {
    assertThat(all)
        .contains("mvn -B -q -pl dist -am ", "tar -xzf dist/target/flowmeter-*.tar.gz -C /image ")
        .contains("--exclude='flowmeter-*/tools'");
    assertThat(image.lines().filter(line -> line.startsWith("COPY")))
        .containsExactly(
            "COPY --from=build /image /opt/flowmeter",
            "COPY --chmod=755 deploy/healthcheck /opt/flowmeter/bin/healthcheck");
  }

  @Test
  void theJvmRunsWithoutRootAndGetsTheSignal() {
    assertThat(image)
        .contains("\nUSER 10001:10001\n", "\nSTOPSIGNAL SIGTERM\n", "\nENTRYPOINT [\"java\", ")
        .contains("\nHEALTHCHECK ", "CMD [\"healthcheck\"]\n");
  }

  /** The root file system can be read-only: the volume takes all that is written. */
  @Test
  void allThatIsWrittenGoesToTheVolume() {
    assertThat(image)
        .contains("\nVOLUME /var/lib/flowmeter\n")
        .contains("FLOWMETER_DATA_DIR=/var/lib/flowmeter ")
        .contains("ROCKSDB_SHAREDLIB_DIR=/var/lib/flowmeter ")
        .contains("\"-Djava.io.tmpdir=/var/lib/flowmeter\"");
  }

  @Test
  void itSaysWhatItIs() throws IOException {
    for (String label : new String[] {"title", "description", "version", "revision", "licenses"}) {
      assertThat(image).contains("org.opencontainers.image." + label + "=\"");
    }
    String version =
        first("<version>([^<-]+)", Files.readString(Manifest.FOLDER.resolveSibling("pom.xml")));
    assertThat(first("ARG VERSION=(\\S+)", image)).isEqualTo(version);
    assertThat(Manifest.compose().values())
        .containsEntry("services/stream/image", "flowmeter:" + version);
    assertThat(Manifest.kubernetes())
        .filteredOn(manifest -> manifest.at("spec").containsKey("template"))
        .isNotEmpty()
        .allSatisfy(
            manifest ->
                assertThat(manifest.values())
                    .containsEntry(
                        "spec/template/spec/containers/0/image", "flowmeter:" + version));
  }

  private static String first(String pattern, String text) {
    Matcher found = Pattern.compile(pattern).matcher(text);
    assertThat(found.find()).as(pattern).isTrue();
    return found.group(1);
  }
}
