package io.flowmeter.cli;

import java.util.Optional;
import picocli.CommandLine.IVersionProvider;

/** Which Flowmeter this is: the version, and the commit where the build knew it. */
public final class Version implements IVersionProvider {

  public static String text() {
    String version =
        Optional.ofNullable(Flowmeter.class.getPackage().getImplementationVersion())
            .orElse("development");
    String commit = System.getProperty("flowmeter.commit", "");
    return "Flowmeter " + version + (commit.isEmpty() ? "" : " (" + commit + ")");
  }

  @Override
  public String[] getVersion() {
    return new String[] {text()};
  }
}
