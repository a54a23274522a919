@rem What exec is to a Unix shell: there "npm start" runs as "exec node ...", so that npm hands signals to the program
@rem itself and not to a shell in between. Here cmd.exe finds this file, and runs the rest of the line.
@%*
