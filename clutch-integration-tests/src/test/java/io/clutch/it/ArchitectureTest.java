package io.clutch.it;

import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.Architectures.layeredArchitecture;
import static com.tngtech.archunit.library.GeneralCodingRules.ACCESS_STANDARD_STREAMS;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;
import java.io.ObjectInputStream;
import java.io.ObjectOutputStream;

/** The arrows between modules, and what keeps each simple. */
@AnalyzeClasses(packages = "io.clutch", importOptions = ImportOption.DoNotIncludeTests.class)
class ArchitectureTest {

  @ArchTest
  static final ArchRule arrows =
      layeredArchitecture()
          .consideringOnlyDependenciesInLayers()
          .layer("protocol")
          .definedBy("io.clutch.protocol..", "io.clutch.v1..")
          .layer("worker")
          .definedBy("io.clutch.worker..")
          .layer("client")
          .definedBy("io.clutch.client..")
          .layer("supervisor")
          .definedBy("io.clutch.supervisor..")
          .layer("cli")
          .definedBy("io.clutch.cli..")
          .layer("examples")
          .definedBy("io.clutch.examples..")
          .whereLayer("protocol")
          .mayNotAccessAnyLayer()
          .whereLayer("worker")
          .mayOnlyAccessLayers("protocol")
          .whereLayer("client")
          .mayOnlyAccessLayers("protocol")
          .whereLayer("supervisor")
          .mayOnlyAccessLayers("protocol")
          .whereLayer("cli")
          .mayOnlyAccessLayers("protocol", "client", "supervisor")
          .whereLayer("examples")
          .mayOnlyAccessLayers("protocol", "client", "worker");

  @ArchTest
  static final ArchRule noCyclesBetweenPackages =
      slices().matching("io.clutch.(**)").should().beFreeOfCycles();

  @ArchTest
  static final ArchRule dispatchKnowsNoNetwork =
      noClasses()
          .that(resideInAPackage("io.clutch.worker.internal.dispatch.."))
          .should()
          .dependOnClassesThat(resideInAnyPackage("io.grpc..", "io.netty..", "io.clutch.v1.."));

  @ArchTest
  static final ArchRule internalsStayInside =
      classes()
          .that(resideInAPackage("io.clutch.worker.internal.."))
          .should()
          .onlyHaveDependentClassesThat(resideInAPackage("io.clutch.worker.."));

  @ArchTest
  static final ArchRule internalsDontKnowWhoUsesThem =
      noClasses()
          .that(resideInAPackage("io.clutch.worker.internal.."))
          .should()
          .dependOnClassesThat(resideInAPackage("io.clutch.worker"));

  @ArchTest
  static final ArchRule librariesDontPrint =
      noClasses()
          .that(
              resideInAnyPackage(
                  "io.clutch.protocol..",
                  "io.clutch.worker..",
                  "io.clutch.client..",
                  "io.clutch.supervisor.."))
          .should(ACCESS_STANDARD_STREAMS);

  @ArchTest
  static final ArchRule noJavaSerialization =
      noClasses()
          .should()
          .dependOnClassesThat()
          .areAssignableTo(ObjectInputStream.class)
          .orShould()
          .dependOnClassesThat()
          .areAssignableTo(ObjectOutputStream.class);
}
