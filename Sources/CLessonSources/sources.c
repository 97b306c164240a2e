// The text of every lesson's source files, put into the program by the compiler: a changed file is compiled anew, so what a lesson
// shows is what it runs. A new file of a lesson needs its two lines here.
#include "CLessonSources.h"

#pragma clang diagnostic ignored "-Wc23-extensions"

#define SOURCE(file_id) {file_id, (const unsigned char[]) {
#define END , 0}},

static const struct lesson_source sources[] = {
    SOURCE("numpy_and_tensor/2.4.1-Calling.swift")
#embed "../../chapters/2.4-numpy-and-tensor/2.4.1-Calling.swift"
    END
    SOURCE("numpy_and_tensor/2.4.2-Creating.swift")
#embed "../../chapters/2.4-numpy-and-tensor/2.4.2-Creating.swift"
    END
    SOURCE("numpy_and_tensor/2.4.3-Shapes.swift")
#embed "../../chapters/2.4-numpy-and-tensor/2.4.3-Shapes.swift"
    END
    SOURCE("numpy_and_tensor/2.4.4-Selecting.swift")
#embed "../../chapters/2.4-numpy-and-tensor/2.4.4-Selecting.swift"
    END
    SOURCE("numpy_and_tensor/2.4.5-Broadcasting.swift")
#embed "../../chapters/2.4-numpy-and-tensor/2.4.5-Broadcasting.swift"
    END
    SOURCE("numpy_and_tensor/2.4.6-Elementwise.swift")
#embed "../../chapters/2.4-numpy-and-tensor/2.4.6-Elementwise.swift"
    END
    SOURCE("numpy_and_tensor/2.4.7-Reductions.swift")
#embed "../../chapters/2.4-numpy-and-tensor/2.4.7-Reductions.swift"
    END
    SOURCE("numpy_and_tensor/2.4.8-Comparing.swift")
#embed "../../chapters/2.4-numpy-and-tensor/2.4.8-Comparing.swift"
    END
    SOURCE("numpy_and_tensor/2.4.9-Matrices.swift")
#embed "../../chapters/2.4-numpy-and-tensor/2.4.9-Matrices.swift"
    END
    SOURCE("numpy_and_tensor/2.4.10-Libraries.swift")
#embed "../../chapters/2.4-numpy-and-tensor/2.4.10-Libraries.swift"
    END
    SOURCE("autograd_rules/2.5.1-Rules.swift")
#embed "../../chapters/2.5-autograd/2.5.1-Rules.swift"
    END
    SOURCE("autograd_rules/2.5.2-Graph.swift")
#embed "../../chapters/2.5-autograd/2.5.2-Graph.swift"
    END
    SOURCE("autograd_rules/2.5.3-ScalarCase.swift")
#embed "../../chapters/2.5-autograd/2.5.3-ScalarCase.swift"
    END
    SOURCE("autograd_rules/2.5.4-VectorCase.swift")
#embed "../../chapters/2.5-autograd/2.5.4-VectorCase.swift"
    END
};

unsigned long lesson_source_count(void) { return sizeof sources / sizeof sources[0]; }
struct lesson_source lesson_source_at(unsigned long index) { return sources[index]; }
