/// A reference counted by hand: its owner's `deinit` lets go of it. A field of a class costs a call of the runtime when its object ends, also
/// where it holds nothing; and reading one that may change counts a reference.
@usableFromInline struct Held<Object: AnyObject> {
  @usableFromInline private(set) var reference: Unmanaged<Object>?

  @inlinable @inline(__always) init() { reference = nil }

  /// One that holds this object.
  @inlinable @inline(__always) init(_ object: consuming Object?) {
    reference = object.map { Unmanaged.passRetained($0) }
  }

  /// One that takes a counted reference over.
  @inlinable @inline(__always) init(taking reference: Unmanaged<Object>?) { self.reference = reference }

  @inlinable @inline(__always) var isEmpty: Bool { reference == nil }

  /// Whether nobody else holds the object.
  var isOnlyHolder: Bool { reference?.isLast() ?? false }

  /// What `body` makes of the object, if there is one. No reference is counted meanwhile: it must stay held.
  @inlinable @inline(__always) func map<Result>(_ body: (Object) -> Result) -> Result? {
    reference?._withUnsafeGuaranteedRef { body($0) }
  }

  /// The object, if there is one.
  @inlinable @inline(__always) var object: Object? {
    get { reference?.takeUnretainedValue() }
    set {
      let old = reference
      reference = newValue.map { Unmanaged.passRetained($0) }
      old?.release()
    }
  }

  /// The object, where this is a reference handed over.
  var owned: Object? { reference?.takeRetainedValue() }

  /// Hands the reference over.
  @inlinable @inline(__always) mutating func take() -> Unmanaged<Object>? {
    let taken = reference
    reference = nil
    return taken
  }

  /// Holds nothing any more.
  @inlinable @inline(__always) mutating func letGo() {
    if let taken = take() { taken.release() }
  }
}
