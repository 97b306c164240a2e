#pragma once

/// Tells ThreadSanitizer, where it is linked, that this thread has taken the lock at `address`, or is about to leave it. Nothing else happens.
void cl_lock_taken(const void *_Nonnull address);
void cl_lock_left(const void *_Nonnull address);
