/* What the server does at which port. */
#define GREETS 7001
#define ECHOES 7002
#define READS 7003
