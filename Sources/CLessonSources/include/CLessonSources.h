#ifndef CLESSONSOURCES_H
#define CLESSONSOURCES_H

#ifdef __cplusplus
extern "C" {
#endif

/// A lesson's source file, as it was when the program was built.
struct lesson_source {
  /// What `#fileID` says in it: `numpy_and_tensor/2.4.1-Calling.swift`.
  const char *file_id;
  /// The text, in UTF-8, ended by a zero.
  const unsigned char *text;
};

/// How many there are.
unsigned long lesson_source_count(void);
/// One of them.
struct lesson_source lesson_source_at(unsigned long index);

#ifdef __cplusplus
}
#endif

#endif
