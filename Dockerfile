# What the project needs of a machine: Node.js, Python with venv, and a C++ compiler.
#
#   docker build -t ethics-for-robots .
#   docker run --rm -v ethics-runs:/ethics/runs ethics-for-robots
#   docker run --rm -it -p 8888:8888 -v ethics-runs:/ethics/runs ethics-for-robots npm run lab -- --ip 0.0.0.0 --no-browser
#   docker run --rm -v ethics-runs:/ethics/runs ethics-for-robots tar -cf - runs | tar -xf -
#
# Runs are kept in the volume `ethics-runs`; the last line copies them here, as files of yours. A folder of yours in its
# place, -v "$PWD/runs:/ethics/runs", has to be made first (mkdir -p runs), since Linux' Docker makes a missing one for
# root. The container's user, `node`, has uid 1000: if yours is another (id -u), chmod o+rwx runs too; what runs leave
# there is then not yours.

FROM node:20.19-bookworm AS machine
RUN apt-get update \
 && apt-get install -y --no-install-recommends python3 python3-venv g++ make \
 && rm -rf /var/lib/apt/lists/*

# The project, set up once while the image is built: a container starts at once and needs no network.
FROM machine
RUN install -d -o node -g node /ethics /ethics/runs
USER node
WORKDIR /ethics
COPY --chown=node:node . .
RUN npm run setup
CMD ["npm", "start", "--", "--demo"]
