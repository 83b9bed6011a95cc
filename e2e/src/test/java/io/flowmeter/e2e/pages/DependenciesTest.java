package io.flowmeter.e2e.pages;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;
import org.w3c.dom.Document;
import org.w3c.dom.Element;
import org.w3c.dom.NodeList;

/** {@code docs/dependencies.md} gives a reason for all that the build takes from elsewhere. */
class DependenciesTest {

  private static final String OURS = "flowmeter-";

  @Test
  void everyDependencyHasAReason() throws Exception {
    Set<String> missing = artifacts();
    missing.addAll(packages());
    missing.removeAll(names(Files.readString(DocsPage.HOME.resolve("docs/dependencies.md"))));

    assertThat(missing).as("dependencies without a reason in docs/dependencies.md").isEmpty();
  }

  /** Words of the page as artifacts are named: letters, digits and what joins them. */
  private static Set<String> names(String page) {
    return Set.copyOf(List.of(page.split("[^\\w.@/-]+|\\.(?=\\s)")));
  }

  /** Artifact IDs of dependencies, plugins and what plugins run on. */
  private static Set<String> artifacts() throws Exception {
    Set<String> artifacts = new TreeSet<>();
    List<Path> poms = new ArrayList<>(List.of(DocsPage.HOME.resolve("pom.xml")));
    DocsPage.modules().forEach(module -> poms.add(module.resolve("pom.xml")));
    for (Path file : poms) {
      Document pom = DocumentBuilderFactory.newInstance().newDocumentBuilder().parse(file.toFile());
      for (String element : List.of("dependency", "plugin", "path", "artifactItem")) {
        NodeList all = pom.getElementsByTagName(element);
        for (int i = 0; i < all.getLength(); i++) {
          NodeList ids = ((Element) all.item(i)).getElementsByTagName("artifactId");
          if (ids.getLength() > 0) {
            artifacts.add(ids.item(0).getTextContent().strip());
          }
        }
      }
    }
    artifacts.removeIf(artifact -> artifact.startsWith(OURS) || artifact.endsWith("-bom"));
    assertThat(artifacts).contains("kafka-clients", "error_prone_core");
    return artifacts;
  }

  /** Packages from npm that the build installs. */
  private static Set<String> packages() throws IOException {
    Set<String> packages = new TreeSet<>();
    List<Path> manifests =
        DocsPage.modules().stream()
            .flatMap(module -> DocsPage.folders(module).stream())
            .map(folder -> folder.resolve("package.json"))
            .filter(Files::exists)
            .toList();
    for (Path file : manifests) {
      JsonNode json = new ObjectMapper().readTree(file.toFile());
      json.path("dependencies").fieldNames().forEachRemaining(packages::add);
      json.path("devDependencies").fieldNames().forEachRemaining(packages::add);
    }
    assertThat(packages).contains("wrangler");
    return packages;
  }
}
