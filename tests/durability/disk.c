/* A disk that can be told to fail, to be full, or to lose power, put before the C library's own calls (LD_PRELOAD).

   It looks at files whose path has DISK_FILES in it. What it does is told by files in the directory DISK_CONTROL:
     eio     exists: every fsync and fdatasync fails with EIO, once it has been asked for
     enospc  exists: every write fails with ENOSPC
   and by DISK_CUT_AT=N: at the N-th write or sync (1, 2, …) the power is cut: whatever was written to those files and
   not synced since is undone, then the process is killed. DISK_CUT_AT=-N cuts it right after the N-th call instead. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

typedef struct undo {
    struct undo *earlier;
    ino_t file;
    char path[512];
    off_t offset, size_before;
    size_t length;
    char bytes[];
} undo;

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static undo *unsynced;
static long calls;

static ssize_t (*real_write)(int, const void *, size_t);
static ssize_t (*real_pwrite)(int, const void *, size_t, off_t);
static ssize_t (*real_pread)(int, void *, size_t, off_t);
static int (*real_fsync)(int);
static int (*real_fdatasync)(int);

__attribute__((constructor)) static void find(void) {
    real_write = dlsym(RTLD_NEXT, "write");
    real_pwrite = dlsym(RTLD_NEXT, "pwrite64");
    real_pread = dlsym(RTLD_NEXT, "pread64");
    real_fsync = dlsym(RTLD_NEXT, "fsync");
    real_fdatasync = dlsym(RTLD_NEXT, "fdatasync");
}

static int watched(int fd, char *path) {
    const char *wanted = getenv("DISK_FILES");
    char link[64];
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    ssize_t length = readlink(link, path, 511);
    if (wanted == NULL || length <= 0) return 0;
    path[length] = 0;
    return strstr(path, wanted) != NULL;
}

static int told(const char *what) {
    const char *control = getenv("DISK_CONTROL");
    char path[600];
    if (control == NULL) return 0;
    snprintf(path, sizeof path, "%s/%s", control, what);
    return access(path, F_OK) == 0;
}

static void cut_power(void) {
    for (undo *each = unsynced; each != NULL; each = each->earlier) {
        FILE *file = fopen(each->path, "r+b");
        if (file == NULL) continue;
        real_pwrite(fileno(file), each->bytes, each->length, each->offset);
        if (ftruncate(fileno(file), each->size_before) != 0) abort();
        fclose(file);
    }
    kill(getpid(), SIGKILL);
}

static void count(int after) {
    const char *at = getenv("DISK_CUT_AT");
    if (at == NULL) return;
    if (!after) calls++;
    if (calls == (after ? -atol(at) : atol(at))) cut_power();
}

static void remember(int fd, const char *path, off_t offset, size_t length) {
    struct stat found;
    fstat(fd, &found);
    size_t old = offset >= found.st_size ? 0 : (size_t)(found.st_size - offset);
    if (old > length) old = length;
    undo *one = malloc(sizeof *one + old);
    one->earlier = unsynced;
    one->file = found.st_ino;
    strcpy(one->path, path);
    one->offset = offset;
    one->size_before = found.st_size;
    one->length = old;
    FILE *file = fopen(path, "rb");
    if (file != NULL) {
        if (old > 0 && real_pread(fileno(file), one->bytes, old, offset) < 0) abort();
        fclose(file);
    }
    unsynced = one;
}

static void forget(int fd) {
    struct stat found;
    fstat(fd, &found);
    for (undo **each = &unsynced; *each != NULL;) {
        undo *one = *each;
        if (one->file == found.st_ino) {
            *each = one->earlier;
            free(one);
        } else {
            each = &one->earlier;
        }
    }
}

static ssize_t written(int fd, const char *path, const void *bytes, size_t length, off_t offset, int positioned) {
    if (told("enospc")) {
        errno = ENOSPC;
        return -1;
    }
    pthread_mutex_lock(&lock);
    count(0);
    if (getenv("DISK_CUT_AT") != NULL) remember(fd, path, positioned ? offset : lseek(fd, 0, SEEK_END), length);
    ssize_t done = positioned ? real_pwrite(fd, bytes, length, offset) : real_write(fd, bytes, length);
    count(1);
    pthread_mutex_unlock(&lock);
    return done;
}

ssize_t write(int fd, const void *bytes, size_t length) {
    char path[512];
    return watched(fd, path) ? written(fd, path, bytes, length, 0, 0) : real_write(fd, bytes, length);
}

ssize_t pwrite64(int fd, const void *bytes, size_t length, off_t offset) {
    char path[512];
    return watched(fd, path) ? written(fd, path, bytes, length, offset, 1) : real_pwrite(fd, bytes, length, offset);
}

ssize_t pwrite(int fd, const void *bytes, size_t length, off_t offset) { return pwrite64(fd, bytes, length, offset); }

static int synced(int fd, int (*real)(int)) {
    char path[512];
    if (!watched(fd, path)) return real(fd);
    if (told("eio")) {
        errno = EIO;
        return -1;
    }
    pthread_mutex_lock(&lock);
    count(0);
    int done = real(fd);
    if (done == 0) forget(fd);
    count(1);
    pthread_mutex_unlock(&lock);
    return done;
}

int fsync(int fd) { return synced(fd, real_fsync); }

int fdatasync(int fd) { return synced(fd, real_fdatasync); }
