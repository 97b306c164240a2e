// swift-tools-version: 6.2
import PackageDescription

// One regression, solved several ways. Arrows point down: a target depends only on targets above it.
let package = Package(
  name: "regression-workbench",
  platforms: [.macOS(.v26)],
  products: [
    .library(name: "RandomStreams", targets: ["RandomStreams"]),
    .library(name: "Arrays", targets: ["Arrays"]),
    .library(name: "Operations", targets: ["Operations"]),
    .library(name: "Autograd", targets: ["Autograd"]),
    .library(name: "GraphDrawing", targets: ["GraphDrawing"]),
    .library(name: "NN", targets: ["NN"]),
    .library(name: "Optim", targets: ["Optim"]),
    .library(name: "StaticGraph", targets: ["StaticGraph"]),
    .library(name: "Plotting", targets: ["Plotting"]),
    .library(name: "Experiment", targets: ["Experiment"]),
    .executable(name: "workbench", targets: ["workbench"]),
    .executable(name: "conformance", targets: ["conformance"]),
    .executable(name: "numpy-and-tensor", targets: ["numpy-and-tensor"]),
    .executable(name: "autograd-rules", targets: ["autograd-rules"]),
    .executable(name: "hand-gradients", targets: ["hand-gradients"]),
    .executable(name: "tensor-autograd", targets: ["tensor-autograd"]),
    .executable(name: "nn-optim", targets: ["nn-optim"]),
    .executable(name: "static-graph", targets: ["static-graph"]),
    .executable(name: "compiled-autodiff", targets: ["compiled-autodiff"]),
  ],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
    .package(url: "https://github.com/apple/swift-numerics", from: "1.1.1"),
    .package(url: "https://github.com/swiftlang/swift-subprocess", from: "1.0.2"),
  ],
  targets: [
    // MARK: Native shims, each behind a Swift face
    .target(name: "CKernels"),
    .target(name: "CLocks"),
    .target(
      name: "CGnuplot",
      linkerSettings: [
        .linkedLibrary("boost_iostreams"), .linkedLibrary("boost_filesystem"),
        .linkedLibrary("boost_system"),
      ]),
    .systemLibrary(
      name: "COpenBLAS", pkgConfig: "openblas",
      providers: [.apt(["libopenblas-dev", "liblapacke-dev"])]),

    // MARK: The library
    .target(name: "Guarding", dependencies: ["CLocks"]),
    .target(name: "RandomStreams", dependencies: ["Guarding"]),
    .target(
      name: "Arrays",
      dependencies: ["CKernels", "Guarding", .product(name: "Numerics", package: "swift-numerics")]
    ),
    .target(name: "Operations", dependencies: ["Arrays", "CKernels", "COpenBLAS"]),
    .target(name: "GraphDrawing"),
    .target(
      name: "Autograd",
      dependencies: ["Operations", "Arrays", "CKernels", "GraphDrawing", "Guarding", "RandomStreams"]),
    .target(name: "NN", dependencies: ["Autograd", "Operations", "Arrays", "RandomStreams"]),
    .target(name: "Optim", dependencies: ["Autograd", "Operations", "Arrays", "CKernels"]),
    .target(
      name: "StaticGraph",
      dependencies: ["Operations", "Arrays", "CKernels", "Guarding", "RandomStreams", "GraphDrawing"]),

    // MARK: The workbench
    .target(name: "Plotting", dependencies: ["Guarding", "CGnuplot"]),
    .target(name: "Figures", dependencies: ["Plotting", "GraphDrawing", "Autograd"], path: "plots/figures"),
    .target(
      name: "Experiment",
      dependencies: [
        "RandomStreams", "GraphDrawing", .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ]),
    .target(name: "CLessonSources"),
    .target(
      name: "Lessons",
      dependencies: [
        "Autograd", "Experiment", "CLessonSources",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ]),
    .executableTarget(
      name: "workbench",
      dependencies: [
        "Experiment", "Plotting", "Figures", "RandomStreams", "Arrays", "Operations", "COpenBLAS",
        "numpy-and-tensor", "autograd-rules", "hand-gradients", "tensor-autograd", "nn-optim", "static-graph",
        "compiled-autodiff", "operation-bench", "GraphDrawing",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
        .product(name: "Subprocess", package: "swift-subprocess"),
      ]),
    .executableTarget(
      name: "conformance",
      dependencies: [
        "RandomStreams", "Arrays", "Operations", "Autograd", "NN", "Optim", "StaticGraph",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ]),

    // MARK: The chapter, one program per lesson or approach
    .executableTarget(
      name: "numpy-and-tensor", dependencies: ["Lessons", "Autograd"],
      path: "chapters/2.4-numpy-and-tensor"),
    .executableTarget(
      name: "autograd-rules", dependencies: ["Lessons", "Autograd"], path: "chapters/2.5-autograd"),
    .executableTarget(
      name: "hand-gradients", dependencies: ["Experiment"], path: "chapters/2.6-hand-gradients"),
    .executableTarget(
      name: "tensor-autograd", dependencies: ["Experiment", "Autograd", "Optim"],
      path: "chapters/2.7-tensor-autograd"),
    .executableTarget(
      name: "nn-optim", dependencies: ["Experiment", "Autograd", "NN", "Optim"],
      path: "chapters/2.7-nn-optim"),
    .executableTarget(
      name: "static-graph", dependencies: ["Experiment", "StaticGraph"],
      path: "chapters/2.8-static-graph"),
    .executableTarget(
      name: "compiled-autodiff", dependencies: ["Experiment"],
      path: "chapters/beyond-compiled-autodiff"),

    // MARK: Benchmarks
    .executableTarget(
      name: "operation-bench", dependencies: ["Autograd", "Operations", "Arrays", "CKernels", "COpenBLAS"],
      path: "Benchmarks/operations"),

    // MARK: Tests
    .testTarget(name: "RandomStreamsTests", dependencies: ["RandomStreams"]),
    .testTarget(name: "ArraysTests", dependencies: ["Arrays", "CKernels"]),
    .testTarget(
      name: "OperationsTests", dependencies: ["Operations", "Arrays", "CKernels", "Autograd", "StaticGraph"]),
    .testTarget(name: "GraphDrawingTests", dependencies: ["GraphDrawing"]),
    .testTarget(name: "AutogradTests", dependencies: ["Autograd", "GraphDrawing", "CKernels"]),
    .testTarget(name: "NNTests", dependencies: ["NN", "Optim", "Autograd"]),
    .testTarget(name: "OptimTests", dependencies: ["Optim", "Autograd"]),
    .testTarget(name: "StaticGraphTests", dependencies: ["StaticGraph", "GraphDrawing"]),
    .testTarget(name: "PlottingTests", dependencies: ["Plotting", "Figures", "GraphDrawing"]),
    .testTarget(name: "ExperimentTests", dependencies: ["Experiment"]),
    .testTarget(
      name: "LessonTests",
      dependencies: [
        "Lessons", "numpy-and-tensor", "autograd-rules", "Autograd", "NN", "Optim", "StaticGraph",
      ],
      exclude: ["Goldens"]),
    .testTarget(
      name: "WorkbenchTests",
      dependencies: [
        "workbench", "Experiment", "GraphDrawing", "hand-gradients", "tensor-autograd", "nn-optim",
        "static-graph",
        "compiled-autodiff", .product(name: "Subprocess", package: "swift-subprocess"),
      ]),
    .testTarget(
      name: "ConformanceTests", dependencies: ["conformance"], resources: [.copy("Cases")]),
  ],
  swiftLanguageModes: [.v6],
  cxxLanguageStandard: .cxx17
)
