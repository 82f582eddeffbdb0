package io.clutch.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import com.google.common.collect.ImmutableList;
import io.clutch.contract.ClutchFunction;
import io.clutch.worker.Worker;
import java.io.IOException;
import java.lang.module.Configuration;
import java.lang.module.ModuleFinder;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.spi.ToolProvider;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** An interface that isn't public, in a named module. */
@Timeout(60)
class ContractInModuleTest {

  private static final String PACKAGE = "com.example.app";

  @TempDir Path directory;

  /** The loader of a module whose description says {@code directive} of its package. */
  private ClassLoader module(String directive) throws Exception {
    Path classes = Files.createDirectory(directory.resolve("classes"));
    String classPath =
        Path.of(ClutchFunction.class.getProtectionDomain().getCodeSource().getLocation().toURI())
            .toString();
    ImmutableList<String> arguments =
        ImmutableList.of(
            "-d",
            classes.toString(),
            "-cp",
            classPath,
            "--add-reads",
            PACKAGE + "=ALL-UNNAMED",
            source("module-info", "module %s { %s }".formatted(PACKAGE, directive)),
            source(
                "Quiet",
                """
                package %s;
                import io.clutch.contract.ClutchFunction;
                interface Quiet {
                  @ClutchFunction("one")
                  int one();
                  default int two() {
                    return 2;
                  }
                }
                """
                    .formatted(PACKAGE)),
            source(
                "Implementation",
                """
                package %s;
                public final class Implementation implements Quiet {
                  @Override
                  public int one() {
                    return 1;
                  }
                }
                """
                    .formatted(PACKAGE)));
    ToolProvider javac = ToolProvider.findFirst("javac").orElseThrow();
    assertThat(javac.run(System.out, System.err, arguments.toArray(String[]::new))).isZero();
    ModuleLayer boot = ModuleLayer.boot();
    Configuration configuration =
        boot.configuration().resolve(ModuleFinder.of(classes), ModuleFinder.of(), Set.of(PACKAGE));
    ClassLoader ours = ClutchFunction.class.getClassLoader();
    ModuleLayer.Controller layer =
        ModuleLayer.defineModulesWithOneLoader(configuration, List.of(boot), ours);
    ModuleLayer.Controller unused =
        layer.addReads(layer.layer().findModule(PACKAGE).orElseThrow(), ours.getUnnamedModule());
    return layer.layer().findLoader(PACKAGE);
  }

  private String source(String name, String text) throws IOException {
    return Files.writeString(directory.resolve(name + ".java"), text).toString();
  }

  private static Class<?> quiet(ClassLoader module) throws ClassNotFoundException {
    return Class.forName(PACKAGE + ".Quiet", false, module);
  }

  private static <T> Worker worker(Class<T> contract) throws ReflectiveOperationException {
    Object implementation =
        Class.forName(PACKAGE + ".Implementation", true, contract.getClassLoader())
            .getConstructor()
            .newInstance();
    return Worker.builder()
        .address("127.0.0.1:0")
        .functions(contract, contract.cast(implementation))
        .build();
  }

  private static Object call(Object stub, Class<?> contract, String name)
      throws NoSuchMethodException, IllegalAccessException, InvocationTargetException {
    Method method = contract.getDeclaredMethod(name);
    method.setAccessible(true);
    return method.invoke(stub);
  }

  @Test
  void worksWhereItsPackageIsOpened() throws Exception {
    Class<?> contract = quiet(module("opens %s; exports %s;".formatted(PACKAGE, PACKAGE)));

    try (Worker worker = worker(contract).start();
        ClutchClient client = ClutchClient.builder().servers(worker.address().toString()).build()) {
      Object stub = client.stub(contract);

      assertThat(call(stub, contract, "one")).isEqualTo(1);
      assertThat(call(stub, contract, "two")).isEqualTo(2);
    }
  }

  @Test
  void isRefusedWithWhatHelpsWhereItIsNot() throws Exception {
    Class<?> contract = quiet(module("exports %s;".formatted(PACKAGE)));

    assertThatIllegalArgumentException()
        .isThrownBy(() -> worker(contract))
        .withMessage(
            "com.example.app.Quiet.one: the method cannot be reached; make its interface public in a"
                + " package that is exported, or open its package: 'opens com.example.app;' in its"
                + " module");
    try (ClutchClient client = ClutchClient.builder().build()) {
      assertThatIllegalArgumentException()
          .isThrownBy(() -> client.uncheckedStub(contract))
          .withMessage(
              "com.example.app.Quiet.two, which has code of its own, cannot be reached; make"
                  + " com.example.app.Quiet public in a package that is exported, or open its"
                  + " package: 'opens com.example.app;' in its module");
    }
  }
}
